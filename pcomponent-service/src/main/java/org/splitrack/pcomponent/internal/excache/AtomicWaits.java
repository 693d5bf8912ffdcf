package org.splitrack.pcomponent.internal.excache;

import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Threads that wait at an address of one shared memory, first come first woken. Nothing is
 * allocated: a view is its own queue entry, since its thread waits at one address at most.
 */
final class AtomicWaits {
  static final int WOKEN = 0;
  static final int NOT_EQUAL = 1;
  static final int TIMED_OUT = 2;

  private static final int BUCKETS = 64;

  /** A waiting thread looks whether it is to stop after so long, also when nobody woke it. */
  private static final long LOOK_AGAIN_NS = 100_000_000;

  private final Bucket[] buckets = new Bucket[BUCKETS];

  AtomicWaits() {
    for (int i = 0; i < BUCKETS; i++) {
      buckets[i] = new Bucket();
    }
  }

  /**
   * Waits until notified.
   *
   * @param at the address that was given, in the program
   * @param absolute where it is mapped; valid, since the thread has not polled since it looked
   * @param wide compare eight bytes, else four
   * @param timeoutNs negative = for ever
   */
  int await(PageView view, long at, long absolute, boolean wide, long expected, long timeoutNs) {
    Bucket bucket = bucket(at);
    synchronized (bucket) {
      long value =
          wide
              ? (long) AbsoluteMemory.ATOMIC_LONG.getVolatile(AbsoluteMemory.ALL, absolute)
              : (int) AbsoluteMemory.ATOMIC_INT.getVolatile(AbsoluteMemory.ALL, absolute);
      if (value != expected) {
        return NOT_EQUAL;
      }
      bucket.append(view, at);
    }
    view.enterBlocked();
    boolean woken;
    try {
      sleep(view, timeoutNs);
    } finally {
      synchronized (bucket) {
        woken = !bucket.removeIfThere(view);
      }
      view.leaveBlocked();
    }
    return woken ? WOKEN : TIMED_OUT;
  }

  private static void sleep(PageView view, long timeoutNs) {
    long startNs = System.nanoTime();
    while (view.waiting && !view.space().isStopping()) {
      long leftNs = LOOK_AGAIN_NS;
      if (timeoutNs >= 0) {
        leftNs = timeoutNs - (System.nanoTime() - startNs);
        if (leftNs <= 0) {
          return;
        }
      }
      LockSupport.parkNanos(view, Math.min(leftNs, LOOK_AGAIN_NS));
    }
  }

  /** Wakes up to {@code max} (unsigned) threads that wait at the address; answers how many. */
  int wake(long at, int max) {
    Bucket bucket = bucket(at);
    synchronized (bucket) {
      return bucket.wake(at, Integer.toUnsignedLong(max));
    }
  }

  private Bucket bucket(long at) {
    return buckets[(int) (((at >>> 2) * 0x9E37_79B9L) >>> 16) & (BUCKETS - 1)];
  }

  private static final class Bucket {
    private @Nullable PageView head;
    private @Nullable PageView tail;

    void append(PageView view, long at) {
      view.waitingAt = at;
      view.waiting = true;
      view.nextWaiter = null;
      view.previousWaiter = tail;
      if (tail == null) {
        head = view;
      } else {
        tail.nextWaiter = view;
      }
      tail = view;
    }

    boolean removeIfThere(PageView view) {
      if (!view.waiting) {
        return false;
      }
      PageView before = view.previousWaiter;
      PageView after = view.nextWaiter;
      if (before == null) {
        head = after;
      } else {
        before.nextWaiter = after;
      }
      if (after == null) {
        tail = before;
      } else {
        after.previousWaiter = before;
      }
      view.nextWaiter = null;
      view.previousWaiter = null;
      view.waiting = false;
      return true;
    }

    int wake(long at, long max) {
      int woken = 0;
      PageView view = head;
      while (view != null && woken < max) {
        PageView after = view.nextWaiter;
        if (view.waitingAt == at) {
          removeIfThere(view);
          LockSupport.unpark(view.thread());
          woken++;
        }
        view = after;
      }
      return woken;
    }
  }
}
