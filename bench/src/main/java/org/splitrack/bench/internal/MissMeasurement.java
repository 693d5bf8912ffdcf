package org.splitrack.bench.internal;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.function.LongSupplier;
import org.splitrack.bench.BenchRow;
import org.splitrack.bench.BenchRow.Better;
import org.splitrack.bench.PairedSamples;
import org.splitrack.bench.Samples;
import org.splitrack.fabric.memory.PageFetcher;
import org.splitrack.jobs.internal.pages.BareExchange;
import org.splitrack.jobs.internal.pages.FetchTurns;

/**
 * {@code miss}: fetching one page of a written region, one at a time, against {@link BareExchange},
 * batch by batch in turn. Allocation is counted over all batches at both ends, and must not grow
 * with the number of misses.
 */
public final class MissMeasurement {
  static final double P50_BOUND = 1.3;
  private static final double P99_BOUND = 2;
  static final String BASELINE = "bare socket, 64 to 64+4096 bytes";

  private final FetchTurns turns;
  private final LongSupplier homeAllocatedBytes;
  private final int pairs;
  private final int batchMisses;

  /**
   * @param fetcher of a process whose region 0 is written in full
   * @param homeAllocatedBytes what the page agent of its home has allocated so far
   * @param pairs batches of each
   * @param batchMisses exchanges in a batch
   */
  public MissMeasurement(
      PageFetcher fetcher,
      BareExchange bare,
      LongSupplier homeAllocatedBytes,
      int pairs,
      int batchMisses) {
    this.turns = new FetchTurns(fetcher, bare, batchMisses);
    this.homeAllocatedBytes = homeAllocatedBytes;
    this.pairs = pairs;
    this.batchMisses = batchMisses;
  }

  /** Measures; takes some seconds. */
  public List<BenchRow> run() throws IOException {
    for (int i = 0; i < FetchTurns.WARM_UP_BATCHES; i++) {
      turns.run();
    }
    PairedSamples p50 = new PairedSamples();
    PairedSamples p99 = new PairedSamples();
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    Samples clientBytes = new Samples();
    Samples homeBytes = new Samples();
    for (int pair = 0; pair < pairs; pair++) {
      long homeBefore = homeAllocatedBytes.getAsLong();
      long before = threads.getCurrentThreadAllocatedBytes();
      turns.run();
      clientBytes.add(perMiss(threads.getCurrentThreadAllocatedBytes() - before));
      homeBytes.add(perMiss(homeAllocatedBytes.getAsLong() - homeBefore));
      turns.sort();
      p50.add(turns.fetchUs(50), turns.bareUs(50));
      p99.add(turns.fetchUs(99), turns.bareUs(99));
    }
    List<BenchRow> rows = new ArrayList<>();
    rows.add(BenchRow.paired("miss.p50", "us", p50, BASELINE, P50_BOUND, Better.LOWER));
    rows.add(BenchRow.paired("miss.p99", "us", p99, BASELINE, P99_BOUND, Better.LOWER));
    rows.add(
        BenchRow.absolute("miss.allocation.processor", "bytes", clientBytes, 0.0, Better.LOWER));
    rows.add(BenchRow.absolute("miss.allocation.memory", "bytes", homeBytes, 0.0, Better.LOWER));
    return rows;
  }

  private double perMiss(long bytes) {
    return (double) bytes / batchMisses;
  }
}
