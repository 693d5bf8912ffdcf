package org.splitrack.pcomponent.internal.excache;

import org.HdrHistogram.Histogram;

/** What one address space counts; guarded by its lock. */
final class PageCounters {
  private static final long LONGEST_MISS_NS = 60_000_000_000L;

  int pagesTouched;
  long softFaults;
  long misses;
  long zeroFills;
  long prefetchUsed;
  long prefetchWasted;
  long writeBacks;
  long pagesIn;
  long pagesOut;
  long stallNsMax;

  /** Nanoseconds from the fault to the mapped page, of misses. */
  private final Histogram missNs = new Histogram(1_000, LONGEST_MISS_NS, 2);

  void missed(long ns) {
    missNs.recordValue(Math.min(ns, LONGEST_MISS_NS));
    stalled(ns);
  }

  void stalled(long ns) {
    stallNsMax = Math.max(stallNsMax, ns);
  }

  double missUs(double percentile) {
    return missNs.getTotalCount() == 0 ? 0 : missNs.getValueAtPercentile(percentile) / 1e3;
  }
}
