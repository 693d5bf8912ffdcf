package org.splitrack.bench.internal;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.splitrack.bench.BenchRow;
import org.splitrack.bench.BenchRow.Better;
import org.splitrack.bench.PairedSamples;
import org.splitrack.fabric.PageGeometry;
import org.splitrack.fabric.memory.PageWriter;

/**
 * Writing back a region, as many pages in flight as allowed, against {@link BareStream}, region by
 * region in turn.
 */
public final class StreamMeasurement {
  /** The compilers of three JVMs share the cores with two streams; they need some seconds. */
  private static final int WARM_UP_REGIONS = 80;

  private static final double NS_PER_S = 1e9;
  private static final double BYTES_PER_MIB = 1 << 20;
  private static final long PATIENCE_NS = 10_000_000_000L;
  private static final double BOUND = 0.8;

  private final PageWriter writer;
  private final BareStream bare;
  private final PageWriter.Completions acknowledgements = new Acknowledgements();
  private final ByteBuffer page = ByteBuffer.allocateDirect(PageGeometry.PAGE_BYTES);
  private long version = 1;

  /**
   * Not started yet.
   *
   * @param writer of a process whose region 0 is reserved in full, and was not written to before
   */
  public StreamMeasurement(PageWriter writer, BareStream bare) {
    this.writer = writer;
    this.bare = bare;
  }

  /**
   * Measures; takes some seconds.
   *
   * @param pairs regions written by each
   * @param rates takes MiB/s of both
   */
  public void run(int pairs, PairedSamples rates) throws IOException {
    for (int i = 0; i < WARM_UP_REGIONS; i++) {
      writeRegion();
      sendRegion();
    }
    for (int i = 0; i < pairs; i++) {
      rates.add(writeRegion(), sendRegion());
    }
  }

  /**
   * What was measured, with its bound.
   *
   * @param baseline what the bare stream is
   */
  public static BenchRow row(String name, PairedSamples rates, String baseline) {
    return BenchRow.paired(name, "MiB/s", rates, baseline, BOUND, Better.HIGHER);
  }

  private double writeRegion() {
    long startNs = System.nanoTime();
    version++;
    for (int number = 0; number < PageGeometry.REGION_PAGES; number++) {
      while (!writer.write(number, 0, version, false)) {
        writer.flush();
        writer.poll(PATIENCE_NS, acknowledgements);
      }
    }
    writer.flush();
    while (writer.inFlight() > 0) {
      writer.poll(PATIENCE_NS, acknowledgements);
    }
    return mibPerSecond(System.nanoTime() - startNs);
  }

  private double sendRegion() throws IOException {
    long startNs = System.nanoTime();
    bare.send(page, PageGeometry.REGION_PAGES);
    return mibPerSecond(System.nanoTime() - startNs);
  }

  private static double mibPerSecond(long ns) {
    return PageGeometry.REGION_BYTES / BYTES_PER_MIB / (ns / NS_PER_S);
  }

  private static final class Acknowledgements implements PageWriter.Completions {
    @Override
    public void written(int pageNumber, int frame, long version) {}

    @Override
    public void writeFailed(int pageNumber, int frame, long version) {
      throw new IllegalStateException("page " + pageNumber + " cannot be written");
    }
  }
}
