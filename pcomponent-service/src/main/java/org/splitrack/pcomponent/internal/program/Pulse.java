package org.splitrack.pcomponent.internal.program;

import java.util.concurrent.locks.LockSupport;

/**
 * Notices that this component was held up: paused, or starved for so long that the rack may have
 * given it up meanwhile. It beats on a thread of its own; whoever looks and finds the last beat too
 * far back, or more pauses than before, must ask before going on. Being held up without need costs
 * a question; safety does not depend on the limit.
 */
public final class Pulse implements AutoCloseable {
  /** Below what it takes the rack to give a component up. */
  static final long LATE_NS = 500_000_000;

  private static final long BEAT_NS = 50_000_000;

  private final Thread thread;
  private volatile long lastBeatNs;
  private volatile int pauses;
  private volatile boolean closed;

  /** Begins to beat. */
  public static Pulse start() {
    Pulse pulse = new Pulse(System.nanoTime());
    pulse.thread.start();
    return pulse;
  }

  Pulse(long nowNs) {
    lastBeatNs = nowNs;
    thread = Thread.ofPlatform().daemon().name("pulse").unstarted(this::run);
  }

  /** A beat; the number of pauses grows before it is forgotten how long ago the last one was. */
  synchronized void beat(long nowNs) {
    if (isLate(nowNs)) {
      pauses++;
    }
    lastBeatNs = nowNs;
  }

  /** Whether the component has been held up since the last beat. */
  boolean isLate(long nowNs) {
    return nowNs - lastBeatNs > LATE_NS;
  }

  /** How often it was held up. */
  int pauses() {
    return pauses;
  }

  @Override
  public void close() {
    closed = true;
    LockSupport.unpark(thread);
  }

  private void run() {
    while (!closed) {
      beat(System.nanoTime());
      LockSupport.parkNanos(this, BEAT_NS);
    }
  }
}
