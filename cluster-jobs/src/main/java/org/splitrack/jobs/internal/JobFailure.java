package org.splitrack.jobs.internal;

import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** What an operator is told in one line. */
public final class JobFailure extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public JobFailure(String message) {
    super(message);
  }

  /** A variable of the job's environment. */
  public static String required(Function<String, @Nullable String> environment, String name) {
    String value = environment.apply(name);
    if (value == null || value.isBlank()) {
      throw new JobFailure(name + " is not set");
    }
    return value;
  }

  /** The first line of a cause's message, or its kind when it has none. */
  public static String reason(Throwable cause) {
    String message = cause.getMessage();
    return message == null || message.isBlank()
        ? cause.getClass().getSimpleName()
        : message.strip().lines().findFirst().orElseThrow();
  }
}
