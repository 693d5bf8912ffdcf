package org.splitrack.fabric.memory;

import org.splitrack.fabric.wire.Status;

/** The page path cannot go on for this process: its memory is unreachable, lost or refused. */
public final class MemoryFault extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final Status status;
  private final boolean lost;

  public MemoryFault(Status status, String message) {
    this(status, message, false);
  }

  /**
   * @param lost no copy of a region is left
   */
  MemoryFault(Status status, String message, boolean lost) {
    super(message);
    this.status = status;
    this.lost = lost;
  }

  /** Whether no copy of a region is left; false: it may be there, but cannot be used. */
  public boolean isLost() {
    return lost;
  }

  public Status status() {
    return status;
  }
}
