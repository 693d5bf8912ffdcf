package org.splitrack.fabric.wire;

import java.io.IOException;

/** What came in is no frame of this rack; the connection is closed. */
public final class FrameFault extends IOException {
  private static final long serialVersionUID = 1L;

  private final Reason reason;

  public FrameFault(Reason reason, String message) {
    super(message);
    this.reason = reason;
  }

  public Reason reason() {
    return reason;
  }

  /** Why a connection was closed; each is counted. */
  public enum Reason {
    TOO_LONG,
    TRUNCATED,
    UNKNOWN_TYPE,
    OTHER_VERSION,
    OTHER_RACK
  }
}
