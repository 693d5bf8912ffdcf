package org.splitrack.fabric.config;

import java.io.IOException;
import java.io.UncheckedIOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a service says when it cannot start; it stands last in its log, where people look. */
public final class FailedStart {
  private static final Logger LOG = LoggerFactory.getLogger(FailedStart.class);

  private FailedStart() {}

  /**
   * Says it: one line when what the service was given is wrong or missing, with a stack trace
   * before it when it is a defect.
   */
  public static void tell(Throwable failure) {
    if (!isSettled(cause(failure))) {
      LOG.error("a defect", failure);
    }
    LOG.error("cannot start: {}", line(failure));
  }

  /** The innermost cause, or one before it that says all. */
  private static Throwable cause(Throwable failure) {
    Throwable cause = failure;
    while (cause.getCause() != null && !isSettled(cause)) {
      cause = cause.getCause();
    }
    return cause;
  }

  /** Its message is one line for whoever started the service. */
  private static boolean isSettled(Throwable cause) {
    return cause instanceof UncheckedIOException
        || cause instanceof IOException
        || String.valueOf(cause.getMessage()).startsWith("splitrack.");
  }

  static String line(Throwable failure) {
    Throwable cause = cause(failure);
    String message = cause.getMessage();
    String kind = cause.getClass().getSimpleName();
    if (message == null || message.isBlank()) {
      return kind;
    }
    String line = message.strip().lines().findFirst().orElseThrow();
    // Java's own say only which file it was.
    return cause instanceof java.nio.file.FileSystemException ? kind + ": " + line : line;
  }
}
