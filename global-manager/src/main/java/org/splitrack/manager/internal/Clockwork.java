package org.splitrack.manager.internal;

import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs a step again and again on a daemon thread of its own, until it is closed. */
final class Clockwork implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Clockwork.class);

  private final Semaphore wakeups = new Semaphore(0);
  private final Thread thread;
  private volatile boolean closed;

  private Clockwork(String name, long pauseMs, Runnable step) {
    thread = Thread.ofPlatform().daemon().name(name).unstarted(() -> run(pauseMs, step));
  }

  /**
   * @param pauseMs from the end of one step to the begin of the next
   */
  static Clockwork start(String name, long pauseMs, Runnable step) {
    Clockwork clockwork = new Clockwork(name, pauseMs, step);
    clockwork.thread.start();
    return clockwork;
  }

  /** Cuts the present pause, or the next one, short. */
  void wake() {
    wakeups.release();
  }

  private void run(long pauseMs, Runnable step) {
    while (!closed) {
      try {
        step.run();
        if (wakeups.tryAcquire(pauseMs, TimeUnit.MILLISECONDS)) {
          wakeups.drainPermits();
        }
      } catch (InterruptedException e) {
        return;
      } catch (RuntimeException e) {
        LOG.error("{} failed; it goes on", thread.getName(), e);
      }
    }
  }

  @Override
  public void close() {
    closed = true;
    thread.interrupt();
  }
}
