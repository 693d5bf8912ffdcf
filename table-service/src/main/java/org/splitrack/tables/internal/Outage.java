package org.splitrack.tables.internal;

import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.splitrack.fabric.Causes;

/**
 * Something that the service needs and that may be away: one line when it goes, one when it is
 * back.
 */
public final class Outage {
  private static final Logger LOG = LoggerFactory.getLogger(Outage.class);

  private final String what;
  private final AtomicReference<@Nullable String> reason = new AtomicReference<>();

  /**
   * @param what is needed, such as PostgreSQL
   */
  public Outage(String what) {
    this.what = what;
  }

  /** It did not answer; will be tried again. */
  public void began(Exception failure) {
    String line = describe(failure);
    if (reason.getAndSet(line) == null) {
      LOG.warn("waiting for {}: {}", what, line);
    }
  }

  /** What failed, and the innermost reason for it where that is another one. */
  static String describe(Throwable failure) {
    Throwable cause = Causes.innermost(failure);
    String line = Causes.firstLine(failure);
    String innermost = Causes.firstLine(cause);
    return cause.getMessage() == null || line.contains(innermost) ? line : line + ": " + innermost;
  }

  /** It answered. */
  public void ended() {
    if (reason.getAndSet(null) != null) {
      LOG.info("{} is back", what);
    }
  }

  /** Why it is away; null while it is there. */
  public @Nullable String reason() {
    return reason.get();
  }
}
