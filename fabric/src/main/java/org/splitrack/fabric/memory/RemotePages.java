package org.splitrack.fabric.memory;

import static org.splitrack.fabric.PageGeometry.PAGE_BYTES;

import java.lang.foreign.MemorySegment;
import java.time.Duration;
import org.splitrack.fabric.transport.Dialer;
import org.splitrack.fabric.transport.Link;
import org.splitrack.fabric.wire.FrameHeader;
import org.splitrack.fabric.wire.Lane;
import org.splitrack.fabric.wire.MessageType;

/**
 * The memory of one process incarnation in mComponents: makes a {@link PageFetcher} for each of its
 * threads and a {@link PageWriter} for whoever writes back. Safe from any thread; what it makes is
 * not.
 *
 * <p>Both throw {@link MemoryFault} from {@code read} and {@code write} when the home cannot be
 * reached (nothing was queued then), and from {@code poll} when it goes away, refuses, or is silent
 * for longer than the limit.
 */
public final class RemotePages {
  /** Requests of one fetcher or writer that have no completion yet, at most. A power of two. */
  public static final int MAX_IN_FLIGHT = 64;

  public static final Duration DEFAULT_SILENCE = Duration.ofSeconds(5);

  private final Dialer dialer;
  private final RegionTable regions;
  private final FramePool frames;
  private final RequestOrigin origin;
  private final Duration silence;

  /**
   * @param silence how long a home may leave requests without any answer
   */
  public RemotePages(
      Dialer dialer, int incarnation, RegionTable regions, FramePool frames, Duration silence) {
    this.dialer = dialer;
    this.regions = regions;
    this.frames = frames;
    this.origin = new RequestOrigin(dialer.identity().rack(), incarnation);
    this.silence = silence;
  }

  /** For one program thread. */
  public PageFetcher fetcher() {
    return new Fetcher();
  }

  /** For one writing thread. */
  public PageWriter writer() {
    return new Writer();
  }

  private final class Fetcher extends HomeLinks<PageFetcher.Completions> implements PageFetcher {
    Fetcher() {
      super(dialer, Lane.MISS, regions, silence);
    }

    @Override
    public boolean read(int pageNumber, int frame) {
      RegionGrant grant = grantOf(pageNumber);
      if (inFlight() == MAX_IN_FLIGHT) {
        return false;
      }
      HomeLink<PageFetcher.Completions> link = linkTo(grant);
      if (!link.hasRoom(FrameHeader.BYTES)) {
        return false;
      }
      link.ask(grant, pageNumber, frame, 0, false, null, 0);
      return true;
    }

    @Override
    HomeLink<PageFetcher.Completions> open(RegionGrant grant, Link link) {
      return new ReadLink(grant, link, origin, frames.memory());
    }
  }

  private final class Writer extends HomeLinks<PageWriter.Completions> implements PageWriter {
    Writer() {
      super(dialer, Lane.BULK, regions, silence);
    }

    @Override
    public boolean write(int pageNumber, int frame, long version, boolean zero) {
      RegionGrant grant = grantOf(pageNumber);
      if (inFlight() == MAX_IN_FLIGHT) {
        return false;
      }
      HomeLink<PageWriter.Completions> link = linkTo(grant);
      if (!link.hasRoom(HomeLink.FRAME_BYTES)) {
        return false;
      }
      MemorySegment body = zero ? null : frames.memory();
      link.ask(grant, pageNumber, frame, version, zero, body, (long) frame * PAGE_BYTES);
      return true;
    }

    @Override
    HomeLink<PageWriter.Completions> open(RegionGrant grant, Link link) {
      return new WriteLink(grant, link, origin);
    }
  }

  /** Takes pages in. */
  private static final class ReadLink extends HomeLink<PageFetcher.Completions> {
    private static final MemorySegment ZEROS = MemorySegment.ofArray(new long[PAGE_BYTES / 8]);

    private final MemorySegment frames;

    ReadLink(RegionGrant home, Link link, RequestOrigin origin, MemorySegment frames) {
      super(home, link, origin, MessageType.READ_PAGE, HEADERS_BYTES, FRAME_BYTES * BUFFERED_PAGES);
      this.frames = frames;
    }

    @Override
    boolean isPlausible(boolean zero, int bodyLength) {
      return bodyLength == (zero ? 0 : PAGE_BYTES);
    }

    @Override
    void completed(
        int pageNumber,
        int frame,
        long asked,
        long held,
        boolean zero,
        MemorySegment body,
        long at,
        PageFetcher.Completions to) {
      long target = (long) frame * PAGE_BYTES;
      if (zero) {
        MemorySegment.copy(ZEROS, 0, frames, target, PAGE_BYTES);
      } else {
        MemorySegment.copy(body, at, frames, target, PAGE_BYTES);
      }
      to.fetched(pageNumber, frame, held, zero);
    }

    @Override
    void failed(int pageNumber, int frame, long asked, PageFetcher.Completions to) {
      to.fetchFailed(pageNumber, frame);
    }
  }

  /** Sends pages out. */
  private static final class WriteLink extends HomeLink<PageWriter.Completions> {
    WriteLink(RegionGrant home, Link link, RequestOrigin origin) {
      super(
          home, link, origin, MessageType.WRITE_PAGE, FRAME_BYTES * BUFFERED_PAGES, HEADERS_BYTES);
    }

    @Override
    boolean isPlausible(boolean zero, int bodyLength) {
      return bodyLength == 0;
    }

    @Override
    void completed(
        int pageNumber,
        int frame,
        long asked,
        long held,
        boolean zero,
        MemorySegment body,
        long at,
        PageWriter.Completions to) {
      to.written(pageNumber, frame, asked);
    }

    @Override
    void failed(int pageNumber, int frame, long asked, PageWriter.Completions to) {
      to.writeFailed(pageNumber, frame, asked);
    }
  }
}
