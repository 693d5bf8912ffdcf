package org.splitrack.pcomponent.internal.excache;

/** Thrown through a program's frames to end its thread: the process is being stopped. */
public final class ProgramStopped extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public ProgramStopped(String reason) {
    // No stack trace: it is an order to leave, thrown by every thread of a stopped process.
    super(reason, null, false, false);
  }
}
