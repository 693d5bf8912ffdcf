package org.splitrack.jobs.internal.pages;

import java.io.IOException;
import java.util.Arrays;
import java.util.Random;
import org.splitrack.fabric.PageGeometry;
import org.splitrack.fabric.memory.PageFetcher;

/**
 * Fetches of one page of a written region, one at a time, and {@link BareExchange}s in turn with
 * them, batch by batch. Allocates nothing while it measures.
 */
public final class FetchTurns {
  /** Batches of each before it counts. */
  public static final int WARM_UP_BATCHES = 12;

  /**
   * Exchanges of one kind between two changes to the other: what else runs on the machine then hits
   * both alike, of which the 99th percentiles consist.
   */
  private static final int TURN = 250;

  private static final double NS_PER_US = 1_000;

  private final PageFetcher fetcher;
  private final BareExchange bare;
  private final MeasuredRegion.Told told = new MeasuredRegion.Told();
  private final int batch;
  private final long[] fetchNs;
  private final long[] bareNs;
  private final int[] pages;

  /**
   * @param fetcher of a process whose region 0 is written in full
   * @param batch exchanges in a batch
   */
  public FetchTurns(PageFetcher fetcher, BareExchange bare, int batch) {
    this.fetcher = fetcher;
    this.bare = bare;
    this.batch = batch;
    this.fetchNs = new long[batch];
    this.bareNs = new long[batch];
    this.pages = new Random(1).ints(batch, 0, PageGeometry.REGION_PAGES).toArray();
  }

  /** One batch of each; their times replace those of the batch before. */
  public void run() throws IOException {
    for (int from = 0; from < batch; from += TURN) {
      int to = Math.min(batch, from + TURN);
      fetches(from, to);
      bareExchanges(from, to);
    }
  }

  /** Sorts the times of the batch; afterwards their percentiles can be read. */
  public void sort() {
    Arrays.sort(fetchNs);
    Arrays.sort(bareNs);
  }

  /** Of the fetches, in microseconds. */
  public double fetchUs(int percent) {
    return percentileUs(fetchNs, percent);
  }

  /** Of the bare exchanges, in microseconds. */
  public double bareUs(int percent) {
    return percentileUs(bareNs, percent);
  }

  private void fetches(int from, int to) {
    for (int i = from; i < to; i++) {
      long startNs = System.nanoTime();
      fetcher.read(pages[i], i & 63);
      fetcher.flush();
      while (fetcher.poll(MeasuredRegion.PATIENCE_NS, told) == 0) {
        Thread.onSpinWait();
      }
      fetchNs[i] = System.nanoTime() - startNs;
    }
  }

  private void bareExchanges(int from, int to) throws IOException {
    for (int i = from; i < to; i++) {
      long startNs = System.nanoTime();
      bare.fetch(pages[i]);
      bareNs[i] = System.nanoTime() - startNs;
    }
  }

  private static double percentileUs(long[] sortedNs, int percent) {
    return sortedNs[sortedNs.length * percent / 100] / NS_PER_US;
  }
}
