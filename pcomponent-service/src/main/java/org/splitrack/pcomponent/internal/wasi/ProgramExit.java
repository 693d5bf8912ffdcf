package org.splitrack.pcomponent.internal.wasi;

/** The program called {@code proc_exit}; unwinds the thread that did. */
public final class ProgramExit extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final int exitCode;

  public ProgramExit(int exitCode) {
    super("exit " + exitCode, null, false, false);
    this.exitCode = exitCode;
  }

  public int exitCode() {
    return exitCode;
  }
}
