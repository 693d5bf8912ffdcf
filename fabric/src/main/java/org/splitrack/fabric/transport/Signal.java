package org.splitrack.fabric.transport;

import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Where one thread sleeps until a condition holds that other threads bring about. They first make
 * it hold and then {@link #raise}; the sleeper first announces itself and then looks; so one of the
 * two always sees the other.
 */
final class Signal {
  private volatile @Nullable Thread sleeper;

  /** Returns when {@code condition} holds or the time is over; also when interrupted. */
  void await(BooleanSupplier condition, long waitNs) {
    if (condition.getAsBoolean()) {
      return;
    }
    long untilNs = System.nanoTime() + waitNs;
    sleeper = Thread.currentThread();
    try {
      long restNs;
      while (!condition.getAsBoolean()
          && !Thread.currentThread().isInterrupted()
          && (restNs = untilNs - System.nanoTime()) > 0) {
        LockSupport.parkNanos(this, restNs);
      }
    } finally {
      sleeper = null;
    }
  }

  /** Wakes the sleeper, if there is one. */
  void raise() {
    Thread thread = sleeper;
    if (thread != null) {
      LockSupport.unpark(thread);
    }
  }
}
