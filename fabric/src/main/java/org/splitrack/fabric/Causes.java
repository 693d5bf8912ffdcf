package org.splitrack.fabric;

/** What a failure says to people. */
public final class Causes {
  private Causes() {}

  /** The one that has no cause itself: what a library wraps around it helps nobody. */
  public static Throwable innermost(Throwable failure) {
    Throwable cause = failure;
    while (cause.getCause() != null) {
      cause = cause.getCause();
    }
    return cause;
  }

  /** The first line of its message. */
  public static String firstLine(Throwable failure) {
    return String.valueOf(failure.getMessage()).lines().findFirst().orElse("no reason");
  }
}
