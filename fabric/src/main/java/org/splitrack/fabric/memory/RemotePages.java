package org.splitrack.fabric.memory;

import static org.splitrack.fabric.PageGeometry.PAGE_BYTES;

import java.lang.foreign.MemorySegment;
import java.time.Duration;
import org.splitrack.fabric.region.AccessGrant;
import org.splitrack.fabric.region.CopyPlace;
import org.splitrack.fabric.transport.Dialer;
import org.splitrack.fabric.wire.FrameHeader;
import org.splitrack.fabric.wire.Lane;
import org.splitrack.fabric.wire.MessageType;

/**
 * The memory of one process incarnation in mComponents: makes a {@link PageFetcher} for each of its
 * threads and a {@link PageWriter} for whoever writes back. Safe from any thread; what it makes is
 * not.
 *
 * <p>Requests outlive their home: they are repeated to whoever is home next. Both throw {@link
 * MemoryFault} from {@code read}, {@code write} and {@code poll} when there will be no answer: the
 * region is lost, the request is refused, the process was expelled, or patience is at its end.
 */
public final class RemotePages {
  /**
   * Requests of one fetcher or writer that have no completion yet, at most: a bit each in a long.
   */
  public static final int MAX_IN_FLIGHT = 64;

  /** How long a region may leave a request without an answer, whatever happens meanwhile. */
  public static final Duration DEFAULT_PATIENCE = Duration.ofSeconds(60);

  private final Dialer dialer;
  private final RegionTable regions;
  private final RegionAuthority authority;
  private final FramePool frames;
  private final RequestOrigin origin;
  private final Duration patience;

  /**
   * @param authority is asked when a home does not answer; its answers come through {@code regions}
   * @param patience how long to wait for a region that has no home
   */
  public RemotePages(
      Dialer dialer,
      int incarnation,
      RegionTable regions,
      RegionAuthority authority,
      FramePool frames,
      Duration patience) {
    this.dialer = dialer;
    this.regions = regions;
    this.authority = authority;
    this.frames = frames;
    this.origin = new RequestOrigin(dialer.identity().rack(), incarnation);
    this.patience = patience;
  }

  /** For one program thread. */
  public PageFetcher fetcher() {
    return new Fetcher();
  }

  /** For one writing thread. */
  public PageWriter writer() {
    return new Writer();
  }

  /** Takes pages in. */
  private final class Fetcher extends HomeLinks<PageFetcher.Completions> implements PageFetcher {
    private static final MemorySegment ZEROS = MemorySegment.ofArray(new long[PAGE_BYTES / 8]);

    Fetcher() {
      super(dialer, Lane.MISS, regions, authority, patience);
    }

    @Override
    public boolean read(int pageNumber, int frame) {
      return ask(pageNumber, frame, 0, false);
    }

    @Override
    HomeLink newLink(CopyPlace place) {
      return new HomeLink(
          place,
          origin,
          MessageType.READ_PAGE,
          HomeLink.HEADERS_BYTES,
          HomeLink.FRAME_BYTES * HomeLink.BUFFERED_PAGES);
    }

    @Override
    int requestBytes() {
      return FrameHeader.BYTES;
    }

    @Override
    void send(HomeLink link, AccessGrant grant, PageRequests from, int slot, long sequence) {
      link.ask(grant, from.pageNumber(slot), 0, false, sequence, null, 0);
    }

    @Override
    boolean isPlausible(boolean zero, int bodyLength) {
      return bodyLength == (zero ? 0 : PAGE_BYTES);
    }

    @Override
    void completed(
        PageRequests from,
        int slot,
        long held,
        boolean zero,
        MemorySegment body,
        long at,
        PageFetcher.Completions to) {
      int frame = from.frame(slot);
      long target = (long) frame * PAGE_BYTES;
      if (zero) {
        MemorySegment.copy(ZEROS, 0, frames.memory(), target, PAGE_BYTES);
      } else {
        MemorySegment.copy(body, at, frames.memory(), target, PAGE_BYTES);
      }
      to.fetched(from.pageNumber(slot), frame, held, zero);
    }

    @Override
    void failed(PageRequests from, int slot, PageFetcher.Completions to) {
      to.fetchFailed(from.pageNumber(slot), from.frame(slot));
    }
  }

  /** Sends pages out. */
  private final class Writer extends HomeLinks<PageWriter.Completions> implements PageWriter {
    Writer() {
      super(dialer, Lane.BULK, regions, authority, patience);
    }

    @Override
    public boolean write(int pageNumber, int frame, long version, boolean zero) {
      return ask(pageNumber, frame, version, zero);
    }

    @Override
    HomeLink newLink(CopyPlace place) {
      return new HomeLink(
          place,
          origin,
          MessageType.WRITE_PAGE,
          HomeLink.FRAME_BYTES * HomeLink.BUFFERED_PAGES,
          HomeLink.HEADERS_BYTES);
    }

    @Override
    int requestBytes() {
      return HomeLink.FRAME_BYTES;
    }

    @Override
    void send(HomeLink link, AccessGrant grant, PageRequests from, int slot, long sequence) {
      boolean zero = from.zero(slot);
      link.ask(
          grant,
          from.pageNumber(slot),
          from.version(slot),
          zero,
          sequence,
          zero ? null : frames.memory(),
          (long) from.frame(slot) * PAGE_BYTES);
    }

    @Override
    boolean isPlausible(boolean zero, int bodyLength) {
      return bodyLength == 0;
    }

    @Override
    void completed(
        PageRequests from,
        int slot,
        long held,
        boolean zero,
        MemorySegment body,
        long at,
        PageWriter.Completions to) {
      to.written(from.pageNumber(slot), from.frame(slot), from.version(slot));
    }

    @Override
    void failed(PageRequests from, int slot, PageWriter.Completions to) {
      to.writeFailed(from.pageNumber(slot), from.frame(slot), from.version(slot));
    }
  }
}
