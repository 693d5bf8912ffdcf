package org.splitrack.cli.internal;

/**
 * What a user is told in one line, and the exit code that goes with it. Everything else that ends a
 * command is a defect and shows its stack trace.
 */
public final class RackFailure extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final int exitCode;

  private RackFailure(int exitCode, String message) {
    super(message);
    this.exitCode = exitCode;
  }

  /** Something did not work: exit code 1. */
  public static RackFailure failed(String message) {
    return new RackFailure(ExitCode.FAILED, message);
  }

  /** The command line asks for what cannot be: exit code 2. */
  public static RackFailure usage(String message) {
    return new RackFailure(ExitCode.USAGE, message);
  }

  /** No rack runs there: exit code 4. */
  public static RackFailure noRack(String where) {
    return new RackFailure(
        ExitCode.NO_RACK, "no rack is running in " + where + ": start one with ./rack up");
  }

  /** With one of the codes of {@link ExitCode}. */
  public static RackFailure of(int exitCode, String message) {
    return new RackFailure(exitCode, message);
  }

  public int exitCode() {
    return exitCode;
  }

  /** The first line of a cause's message, or its kind when it has none. */
  public static String reason(Throwable cause) {
    String message = cause.getMessage();
    if (message == null || message.isBlank()) {
      return cause.getClass().getSimpleName();
    }
    return message.strip().lines().findFirst().orElseThrow();
  }
}
