package org.splitrack.manager.internal.process;

/** Exit codes of processes that did not end by themselves; part of the command line's contract. */
public final class ExitCodes {
  /** The rack could not run it, or could not go on. */
  public static final int RACK_FAILED = 125;

  /** Its pComponent died. */
  public static final int COMPONENT_DIED = 137;

  private ExitCodes() {}
}
