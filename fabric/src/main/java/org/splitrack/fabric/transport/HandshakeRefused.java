package org.splitrack.fabric.transport;

import java.io.IOException;

/** One end did not accept the other; the message is one line for a person. */
public final class HandshakeRefused extends IOException {
  private static final long serialVersionUID = 1L;

  public HandshakeRefused(String message) {
    super(message);
  }
}
