package org.splitrack.cli.internal;

/** What the {@code rack} command ends with; scripts rely on these. */
public final class ExitCode {
  public static final int DONE = 0;
  public static final int FAILED = 1;
  public static final int USAGE = 2;

  /** The output was cut by a limit. */
  public static final int CUT = 3;

  public static final int NO_RACK = 4;
  public static final int TIMEOUT = 124;
  public static final int RACK_FAILED = 125;
  public static final int NOT_RUNNABLE = 126;
  public static final int INTERRUPTED = 130;

  /** The pComponent of a process died. */
  public static final int COMPONENT_DIED = 137;

  /** Whoever read the output has gone, as a shell says it. */
  public static final int BROKEN_PIPE = 141;

  public static final int STOPPED = 143;

  private ExitCode() {}
}
