package org.splitrack.fabric.transport;

import java.io.IOException;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Bounds blocking reads and writes of a link: when the time is over the link is closed, since half
 * an exchange leaves nothing to go on with. Closing the deadline in time lifts it.
 */
public final class Deadline implements AutoCloseable {
  private static final ScheduledThreadPoolExecutor CLOCK = clock();

  private final Duration limit;
  private final ScheduledFuture<?> end;
  private volatile boolean expired;

  private Deadline(Link link, Duration limit) {
    this.limit = limit;
    this.end =
        CLOCK.schedule(
            () -> {
              expired = true;
              link.close();
            },
            limit.toNanos(),
            TimeUnit.NANOSECONDS);
  }

  /** From now on {@code link} has {@code limit} to finish. */
  public static Deadline on(Link link, Duration limit) {
    return new Deadline(link, limit);
  }

  /** {@code e}, or a timeout that says {@code what} when it came from this deadline. */
  public IOException explain(IOException e, String what) {
    if (!expired) {
      return e;
    }
    IOException timeout =
        new SocketTimeoutException(what + " took longer than " + limit.toMillis() + " ms");
    timeout.initCause(e);
    return timeout;
  }

  @Override
  public void close() {
    end.cancel(false);
  }

  private static ScheduledThreadPoolExecutor clock() {
    ScheduledThreadPoolExecutor clock =
        new ScheduledThreadPoolExecutor(
            1, Thread.ofPlatform().daemon().name("fabric-deadlines").factory());
    clock.setRemoveOnCancelPolicy(true);
    return clock;
  }
}
