package org.splitrack.pcomponent.internal.wasm;

/** A file that cannot be run; the message is one line that says what to do. */
public final class BadModule extends Exception {
  private static final long serialVersionUID = 1L;

  public BadModule(String message) {
    super(message);
  }

  BadModule(String message, Throwable cause) {
    super(message, cause);
  }
}
