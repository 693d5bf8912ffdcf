package org.splitrack.pcomponent.internal.program;

import org.jspecify.annotations.Nullable;

/**
 * Why a process ends; the first cause counts.
 *
 * @param state {@code exited}, {@code failed}, {@code lost} or {@code stopped}
 * @param reason one line; null when the program exited by itself
 */
record EndCause(String state, int exitCode, @Nullable String reason) {
  private static final int RACK_FAILED = 125;
  private static final int NOT_RUNNABLE = 126;
  private static final int SIGNALLED = 128;
  private static final int TRAPPED = 134;
  private static final int STOPPED = 143;

  static EndCause exited(int exitCode) {
    return new EndCause("exited", exitCode, null);
  }

  static EndCause trapped(String line) {
    return new EndCause("failed", TRAPPED, "trap: " + line);
  }

  static EndCause signalled(int signal) {
    return new EndCause("failed", SIGNALLED + signal, "the program raised signal " + signal);
  }

  static EndCause notRunnable(String line) {
    return new EndCause("failed", NOT_RUNNABLE, line);
  }

  static EndCause rackFailed(String line) {
    return new EndCause("failed", RACK_FAILED, line);
  }

  /** Memory of it is gone. */
  static EndCause lost(String reason) {
    return new EndCause("lost", RACK_FAILED, reason);
  }

  static EndCause stopped(String reason) {
    return new EndCause("stopped", STOPPED, reason);
  }
}
