package org.splitrack.fabric.memory;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;
import org.splitrack.fabric.PageGeometry;
import org.splitrack.fabric.transport.Link;
import org.splitrack.fabric.transport.WaitPoint;
import org.splitrack.fabric.wire.FrameHeader;
import org.splitrack.fabric.wire.MessageType;
import org.splitrack.fabric.wire.Status;

/**
 * One connection to a home, with the requests in flight on it in a ring: replies come in the order
 * of the requests. Everything is allocated at the start. Pages are copied between frames and the
 * connection's own buffers, so that any number of requests or replies takes one system call; a
 * gathering write from frames would allocate, since the JDK keeps a record for each buffer that
 * lies in a memory segment.
 *
 * @param <C> whom completions are told
 */
abstract class HomeLink<C> {
  static final int FRAME_BYTES = FrameHeader.BYTES + PageGeometry.PAGE_BYTES;

  /** Pages that one system call carries at most. */
  static final int BUFFERED_PAGES = 16;

  /** Headers of all requests that can be in flight. */
  static final int HEADERS_BYTES = FrameHeader.BYTES * RemotePages.MAX_IN_FLIGHT;

  private static final int RING_MASK = RemotePages.MAX_IN_FLIGHT - 1;

  private final RegionGrant home;
  private final Link link;
  private final RequestOrigin origin;
  private final byte requestType;
  private final ByteBuffer in;
  private final MemorySegment inMemory;
  private final ByteBuffer out;
  private final MemorySegment outMemory;
  private final int[] pageNumbers = new int[RemotePages.MAX_IN_FLIGHT];
  private final int[] frames = new int[RemotePages.MAX_IN_FLIGHT];
  private final long[] versions = new long[RemotePages.MAX_IN_FLIGHT];
  private long asked;
  private long answered;
  private long progressNs;
  private boolean sending;
  private boolean watchingWrites;
  private @Nullable MemoryFault fault;

  HomeLink(
      RegionGrant home,
      Link link,
      RequestOrigin origin,
      byte requestType,
      int outBytes,
      int inBytes) {
    this.home = home;
    this.link = link;
    this.origin = origin;
    this.requestType = requestType;
    this.in = ByteBuffer.allocateDirect(inBytes).order(ByteOrder.LITTLE_ENDIAN);
    this.inMemory = MemorySegment.ofBuffer(in);
    this.out = ByteBuffer.allocateDirect(outBytes).order(ByteOrder.LITTLE_ENDIAN);
    this.outMemory = MemorySegment.ofBuffer(out);
  }

  /** Whether a reply that says OK may look like this. */
  abstract boolean isPlausible(boolean zero, int bodyLength);

  /**
   * Tells that the request is answered.
   *
   * @param asked version in the request
   * @param held version in the reply
   * @param body holds the page's bytes, if the reply has any, from {@code at}
   */
  abstract void completed(
      int pageNumber,
      int frame,
      long asked,
      long held,
      boolean zero,
      MemorySegment body,
      long at,
      C to);

  /** Tells that the request will not be answered. */
  abstract void failed(int pageNumber, int frame, long asked, C to);

  final boolean leadsTo(RegionGrant grant) {
    return home.homeBoot().equals(grant.homeBoot()) && home.endpoint().equals(grant.endpoint());
  }

  final Link link() {
    return link;
  }

  final int inFlight() {
    return (int) (asked - answered);
  }

  /** Has {@code waitPoint} wait for room in the connection while bytes wait for it. */
  final void watchWrites(WaitPoint waitPoint) {
    if (watchingWrites != sending) {
      watchingWrites = sending;
      waitPoint.watchWrites(link, sending);
    }
  }

  /** Makes room for a request of {@code byteCount}; false when there is none now. */
  final boolean hasRoom(int byteCount) {
    if (out.remaining() < byteCount) {
      flush();
    }
    return out.remaining() >= byteCount;
  }

  /**
   * Puts a request behind those that wait for {@link #flush}; the caller has made sure that there
   * is room and that fewer than the most are in flight.
   *
   * @param body where the page's bytes are, from {@code at}; null to send none
   */
  final void ask(
      RegionGrant grant,
      int pageNumber,
      int frame,
      long version,
      boolean zero,
      @Nullable MemorySegment body,
      long at) {
    int header = out.position();
    int bodyLength = body == null ? 0 : PageGeometry.PAGE_BYTES;
    FrameHeader.start(out, header, requestType, bodyLength, origin.rack().value());
    FrameHeader.zeroPage(out, header, zero);
    FrameHeader.bootId(out, header, grant.homeBoot().value());
    FrameHeader.subject(out, header, grant.region().value());
    FrameHeader.epoch(out, header, grant.epoch());
    FrameHeader.pageVersion(out, header, version);
    FrameHeader.incarnation(out, header, origin.incarnation());
    FrameHeader.page(out, header, PageGeometry.pageInRegion(pageNumber));
    FrameHeader.sequence(out, header, asked);
    if (body != null) {
      MemorySegment.copy(body, at, outMemory, header + FrameHeader.BYTES, bodyLength);
    }
    out.position(header + FrameHeader.BYTES + bodyLength);
    int slot = (int) asked & RING_MASK;
    pageNumbers[slot] = pageNumber;
    frames[slot] = frame;
    versions[slot] = version;
    if (asked == answered) {
      progressNs = System.nanoTime();
    }
    asked++;
  }

  /** Sends what is there, as far as the connection takes it. What fails shows when receiving. */
  final void flush() {
    if (out.position() == 0 || fault != null) {
      return;
    }
    try {
      out.flip();
      link.write(out);
    } catch (IOException e) {
      fault = unreachable(e.getMessage());
    } finally {
      sending = out.hasRemaining();
      if (sending) {
        out.compact();
      } else {
        out.clear();
      }
    }
  }

  /**
   * Takes in the replies that are there.
   *
   * @throws MemoryFault once all requests in flight have been told as failed
   */
  final int receive(C to) {
    if (sending) {
      flush();
    }
    int count = 0;
    if (fault == null) {
      count = read(to);
    }
    if (fault != null) {
      throw abandon(fault, to);
    }
    return count;
  }

  /** Gives up when the home has been silent for too long. */
  final void requireProgress(long nowNs, long silenceNs, C to) {
    if (inFlight() > 0 && nowNs - progressNs > silenceNs) {
      throw abandon(unreachable("no answer within " + silenceNs / 1_000_000 + " ms"), to);
    }
  }

  final void close() {
    link.close();
  }

  private int read(C to) {
    try {
      int got = link.read(in);
      if (got < 0) {
        fault = unreachable("it closed the connection");
      }
      if (got <= 0) {
        return 0;
      }
    } catch (IOException e) {
      fault = unreachable(e.getMessage());
      return 0;
    }
    progressNs = System.nanoTime();
    int end = in.position();
    int at = 0;
    int count = 0;
    try {
      while (fault == null && end - at >= FrameHeader.BYTES) {
        int bodyLength = FrameHeader.bodyLength(in, at);
        fault = judge(at, bodyLength);
        if (fault != null || end - at < FrameHeader.BYTES + bodyLength) {
          break;
        }
        int header = at;
        at += FrameHeader.BYTES + bodyLength;
        deliver(header, to);
        count++;
      }
    } finally {
      if (at == end) {
        in.clear();
      } else if (at > 0) {
        in.limit(end).position(at).compact();
      }
    }
    return count;
  }

  private void deliver(int header, C to) {
    int slot = (int) answered & RING_MASK;
    answered++;
    completed(
        pageNumbers[slot],
        frames[slot],
        versions[slot],
        FrameHeader.pageVersion(in, header),
        FrameHeader.zeroPage(in, header),
        inMemory,
        header + FrameHeader.BYTES,
        to);
  }

  /** Null when the reply is that of the oldest request and says OK. */
  private @Nullable MemoryFault judge(int at, int bodyLength) {
    boolean expected =
        FrameHeader.type(in, at) == (byte) (requestType | MessageType.REPLY)
            && FrameHeader.protocolVersion(in, at) == FrameHeader.PROTOCOL_VERSION
            && FrameHeader.rackId(in, at) == origin.rack().value()
            && FrameHeader.sequence(in, at) == answered
            && asked > answered
            && (FrameHeader.status(in, at) == Status.OK
                ? isPlausible(FrameHeader.zeroPage(in, at), bodyLength)
                : bodyLength == 0);
    if (!expected) {
      return new MemoryFault(
          Status.FAILED, home.home() + " sent what is no answer to request " + answered);
    }
    Status status = FrameHeader.status(in, at);
    if (status == Status.OK) {
      return null;
    }
    return new MemoryFault(
        status,
        home.home()
            + " refuses page "
            + pageNumbers[(int) answered & RING_MASK]
            + " (region "
            + FrameHeader.subject(in, at)
            + "): "
            + status);
  }

  private MemoryFault unreachable(@Nullable String why) {
    return new MemoryFault(
        Status.FAILED, home.home() + " at " + home.endpoint() + " is unreachable: " + why);
  }

  private MemoryFault abandon(MemoryFault why, C to) {
    fault = why;
    link.close();
    while (answered < asked) {
      int slot = (int) answered & RING_MASK;
      answered++;
      failed(pageNumbers[slot], frames[slot], versions[slot], to);
    }
    return why;
  }
}
