package org.splitrack.jobs.internal.pages;

import java.lang.foreign.ValueLayout;
import java.util.List;
import org.splitrack.fabric.PageGeometry;
import org.splitrack.fabric.ProcessId;
import org.splitrack.fabric.RegionId;
import org.splitrack.fabric.memory.FramePool;
import org.splitrack.fabric.memory.PageFetcher;
import org.splitrack.fabric.memory.PageWriter;
import org.splitrack.fabric.memory.RemotePages;
import org.splitrack.fabric.region.AckMode;
import org.splitrack.fabric.region.CopyPlace;
import org.splitrack.fabric.region.RegionConfig;

/**
 * The region that measurements of single pages work on, of a process that the rack does not know.
 */
public final class MeasuredRegion {
  /**
   * Above every manager's, so that none takes the region for an ended process's and releases it.
   */
  public static final long TERM = Long.MAX_VALUE;

  public static final int INCARNATION = 1;

  /** How long to wait for an answer. */
  static final long PATIENCE_NS = 10_000_000_000L;

  private static final ProcessId PROCESS = new ProcessId(Long.MAX_VALUE);

  private MeasuredRegion() {}

  /** Its configuration, the same for whoever installs it and whoever reads it. */
  public static RegionConfig config(RegionId region, CopyPlace home, List<CopyPlace> copies) {
    return RegionConfig.first(
        region,
        PROCESS,
        INCARNATION,
        0,
        TERM,
        home,
        copies,
        PageGeometry.REGION_PAGES,
        copies.isEmpty() ? AckMode.NONE : AckMode.SAFE,
        false);
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

  /** Any page that is not there as it was written ends the measurement. */
  static final class Told implements PageFetcher.Completions, PageWriter.Completions {
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
