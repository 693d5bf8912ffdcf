package org.splitrack.fabric.memory;

import org.splitrack.fabric.wire.Status;

/** The page path cannot go on for this process: its memory is unreachable, lost or refused. */
public final class MemoryFault extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final Status status;

  public MemoryFault(Status status, String message) {
    super(message);
    this.status = status;
  }

  public Status status() {
    return status;
  }
}
