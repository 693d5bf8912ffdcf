package org.splitrack.scomponent.internal.disk;

import org.splitrack.fabric.wire.Status;

/** Why an extent could not be read, written or made; the status of the reply. */
public final class ExtentFault extends Exception {
  private static final long serialVersionUID = 1L;

  private final Status status;

  public ExtentFault(Status status, String message) {
    super(message, null, false, false);
    this.status = status;
  }

  public Status status() {
    return status;
  }
}
