package org.splitrack.pcomponent.internal.program;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/** CPU time of a process's threads, those that have ended included. Safe from any thread. */
final class CpuTimes {
  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

  private final Set<Long> live = ConcurrentHashMap.newKeySet();
  private final AtomicLong endedNs = new AtomicLong();

  /** The calling thread is one of them from now on. */
  void join() {
    live.add(Thread.currentThread().threadId());
  }

  /** The calling thread is about to end. */
  void leave() {
    live.remove(Thread.currentThread().threadId());
    endedNs.addAndGet(THREADS.getCurrentThreadCpuTime());
  }

  long totalNs() {
    long total = endedNs.get();
    for (long thread : live) {
      total += Math.max(0, THREADS.getThreadCpuTime(thread));
    }
    return total;
  }

  static long currentThreadNs() {
    return THREADS.getCurrentThreadCpuTime();
  }
}
