package org.splitrack.pcomponent.internal.wasi;

/** The program raised a signal that ends it; unwinds the thread that did. */
public final class ProgramSignal extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final int number;

  public ProgramSignal(int number) {
    super("raised signal " + number, null, false, false);
    this.number = number;
  }

  /** As POSIX and WASI preview 1 number the first ones: 6 is an abort. */
  public int number() {
    return number;
  }
}
