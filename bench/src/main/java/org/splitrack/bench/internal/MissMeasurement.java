package org.splitrack.bench.internal;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.LongSupplier;
import org.splitrack.bench.BenchRow;
import org.splitrack.bench.BenchRow.Better;
import org.splitrack.bench.PairedSamples;
import org.splitrack.bench.Samples;
import org.splitrack.fabric.PageGeometry;
import org.splitrack.fabric.memory.FramePool;
import org.splitrack.fabric.memory.PageFetcher;
import org.splitrack.fabric.memory.PageWriter;
import org.splitrack.fabric.memory.RemotePages;

/**
 * {@code miss}: fetching one page of a written region, one at a time, against {@link BareExchange},
 * batch by batch in turn. Allocation is counted over all batches at both ends, and must not grow
 * with the number of misses.
 */
public final class MissMeasurement {
  /**
   * Exchanges of one kind between two changes to the other: what else runs on the machine then hits
   * both alike, of which the 99th percentiles consist.
   */
  private static final int TURN = 250;

  /** Batches of each before it counts. */
  private static final int WARM_UP_BATCHES = 12;

  private static final double P50_BOUND = 1.3;
  private static final double P99_BOUND = 2;
  private static final double NS_PER_US = 1_000;
  private static final long PATIENCE_NS = 10_000_000_000L;
  private static final String BASELINE = "bare socket, 64 to 64+4096 bytes";

  private final PageFetcher fetcher;
  private final BareExchange bare;
  private final LongSupplier homeAllocatedBytes;
  private final Told told = new Told();
  private final int pairs;
  private final int batchMisses;
  private final long[] missNs;
  private final long[] bareNs;
  private final int[] pages;

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
    this.fetcher = fetcher;
    this.bare = bare;
    this.homeAllocatedBytes = homeAllocatedBytes;
    this.pairs = pairs;
    this.batchMisses = batchMisses;
    this.missNs = new long[batchMisses];
    this.bareNs = new long[batchMisses];
    this.pages = new Random(1).ints(batchMisses, 0, PageGeometry.REGION_PAGES).toArray();
  }

  /** Writes all pages of region 0, so that reads of it carry bytes. */
  public static void fill(RemotePages remote, FramePool frames) {
    Told told = new Told();
    frames.memory().set(ValueLayout.JAVA_LONG, 0, 1);
    try (PageWriter writer = remote.writer()) {
      for (int page = 0; page < PageGeometry.REGION_PAGES; page++) {
        while (!writer.write(page, 0, 1, false)) {
          writer.flush();
          writer.poll(PATIENCE_NS, told);
        }
      }
      writer.flush();
      while (writer.inFlight() > 0) {
        writer.poll(PATIENCE_NS, told);
      }
    }
  }

  /** Measures; takes some seconds. */
  public List<BenchRow> run() throws IOException {
    for (int i = 0; i < WARM_UP_BATCHES; i++) {
      batchesInTurn();
    }
    PairedSamples p50 = new PairedSamples();
    PairedSamples p99 = new PairedSamples();
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    Samples clientBytes = new Samples();
    Samples homeBytes = new Samples();
    for (int pair = 0; pair < pairs; pair++) {
      long homeBefore = homeAllocatedBytes.getAsLong();
      long before = threads.getCurrentThreadAllocatedBytes();
      batchesInTurn();
      clientBytes.add(perMiss(threads.getCurrentThreadAllocatedBytes() - before));
      homeBytes.add(perMiss(homeAllocatedBytes.getAsLong() - homeBefore));
      Arrays.sort(missNs);
      Arrays.sort(bareNs);
      p50.add(percentileUs(missNs, 50), percentileUs(bareNs, 50));
      p99.add(percentileUs(missNs, 99), percentileUs(bareNs, 99));
    }
    List<BenchRow> rows = new ArrayList<>();
    rows.add(BenchRow.paired("miss.p50", "us", p50, BASELINE, P50_BOUND, Better.LOWER));
    rows.add(BenchRow.paired("miss.p99", "us", p99, BASELINE, P99_BOUND, Better.LOWER));
    rows.add(
        BenchRow.absolute("miss.allocation.processor", "bytes", clientBytes, 0.0, Better.LOWER));
    rows.add(BenchRow.absolute("miss.allocation.memory", "bytes", homeBytes, 0.0, Better.LOWER));
    return rows;
  }

  private void batchesInTurn() throws IOException {
    for (int from = 0; from < batchMisses; from += TURN) {
      int to = Math.min(batchMisses, from + TURN);
      misses(from, to);
      bareExchanges(from, to);
    }
  }

  private void misses(int from, int to) {
    for (int i = from; i < to; i++) {
      long startNs = System.nanoTime();
      fetcher.read(pages[i], i & 63);
      fetcher.flush();
      while (fetcher.poll(PATIENCE_NS, told) == 0) {
        Thread.onSpinWait();
      }
      missNs[i] = System.nanoTime() - startNs;
    }
  }

  private void bareExchanges(int from, int to) throws IOException {
    for (int i = from; i < to; i++) {
      long startNs = System.nanoTime();
      bare.fetch(pages[i]);
      bareNs[i] = System.nanoTime() - startNs;
    }
  }

  private double perMiss(long bytes) {
    return (double) bytes / batchMisses;
  }

  private static double percentileUs(long[] sortedNs, int percent) {
    return sortedNs[sortedNs.length * percent / 100] / NS_PER_US;
  }

  private static final class Told implements PageFetcher.Completions, PageWriter.Completions {
    @Override
    public void fetched(int pageNumber, int frame, long version, boolean zero) {
      if (zero) {
        throw new IllegalStateException("page " + pageNumber + " was never written");
      }
    }

    @Override
    public void fetchFailed(int pageNumber, int frame) {
      throw new IllegalStateException("page " + pageNumber + " cannot be read");
    }

    @Override
    public void written(int pageNumber, int frame, long version) {}

    @Override
    public void writeFailed(int pageNumber, int frame, long version) {
      throw new IllegalStateException("page " + pageNumber + " cannot be written");
    }
  }
}
