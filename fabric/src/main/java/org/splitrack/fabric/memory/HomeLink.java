package org.splitrack.fabric.memory;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;
import org.splitrack.fabric.PageGeometry;
import org.splitrack.fabric.region.AccessGrant;
import org.splitrack.fabric.region.CopyPlace;
import org.splitrack.fabric.transport.Link;
import org.splitrack.fabric.transport.WaitPoint;
import org.splitrack.fabric.transport.WaitPoint.Interest;
import org.splitrack.fabric.wire.FrameHeader;
import org.splitrack.fabric.wire.MessageType;
import org.splitrack.fabric.wire.Status;

/**
 * The way of one thread to one start of an mComponent: connected when first needed, and again after
 * it broke, for as long as the manager says that regions are there. Which requests are open is not
 * its business. Everything is allocated at the start.
 *
 * <p>Pages are copied between frames and the link's own buffers, so that any number of requests or
 * replies takes one system call; a gathering write from frames would allocate, since the JDK keeps
 * a record for each buffer that lies in a memory segment.
 */
final class HomeLink {
  static final int FRAME_BYTES = FrameHeader.BYTES + PageGeometry.PAGE_BYTES;

  /** Pages that one system call carries at most. */
  static final int BUFFERED_PAGES = 16;

  /** Headers of all requests that can be in flight. */
  static final int HEADERS_BYTES = FrameHeader.BYTES * RemotePages.MAX_IN_FLIGHT;

  /** Between two attempts to connect. */
  private static final long REDIAL_NS = 100_000_000;

  private final CopyPlace place;
  private final RequestOrigin origin;
  private final byte requestType;
  private final ByteBuffer in;
  private final MemorySegment inMemory;
  private final ByteBuffer out;
  private final MemorySegment outMemory;
  private @Nullable Link link;
  private Interest interest = Interest.READ;
  private boolean dialling;
  private boolean dialledBefore;
  private long dialledNs;
  private @Nullable String trouble;
  private int expected;
  private boolean probing;
  private boolean lost;

  HomeLink(CopyPlace place, RequestOrigin origin, byte requestType, int outBytes, int inBytes) {
    this.place = place;
    this.origin = origin;
    this.requestType = requestType;
    this.in = ByteBuffer.allocateDirect(inBytes).order(ByteOrder.LITTLE_ENDIAN);
    this.inMemory = MemorySegment.ofBuffer(in);
    this.out = ByteBuffer.allocateDirect(outBytes).order(ByteOrder.LITTLE_ENDIAN);
    this.outMemory = MemorySegment.ofBuffer(out);
  }

  /** Takes the replies. */
  interface Replies {
    /**
     * A reply has come, to whatever request.
     *
     * @param body holds the page's bytes, if the reply has any, from {@code at}
     * @return false when no reply can look like this; the connection is closed
     */
    boolean replied(
        HomeLink from,
        long sequence,
        Status status,
        long epoch,
        long version,
        boolean zero,
        int bodyLength,
        MemorySegment body,
        long at);
  }

  CopyPlace place() {
    return place;
  }

  boolean isUp() {
    return link != null;
  }

  /** Replies that are to come. */
  int expected() {
    return expected;
  }

  void expect() {
    expected++;
  }

  void expectNot() {
    expected--;
  }

  /** Whether it broke since this was last asked. */
  boolean takeLoss() {
    boolean before = lost;
    lost = false;
    return before;
  }

  /** Why it is not up, in one clause. */
  String trouble() {
    return trouble == null ? "is not connected" : trouble;
  }

  // ---- connecting ----

  /** Whether to connect now; if so, it is noted that somebody does. */
  boolean beginDial(long nowNs) {
    if (link != null || dialling || (dialledBefore && nowNs - dialledNs < REDIAL_NS)) {
      return false;
    }
    dialling = true;
    dialledBefore = true;
    dialledNs = nowNs;
    return true;
  }

  /** Whether to look now if the other end answers at all; if so, it is noted that somebody does. */
  boolean beginProbe() {
    boolean begins = link != null && !probing;
    probing |= begins;
    return begins;
  }

  void endProbe() {
    probing = false;
  }

  void dialFailed(@Nullable String why) {
    dialling = false;
    trouble = "is unreachable: " + why;
  }

  void connected(Link made) {
    dialling = false;
    link = made;
    lost = false;
    trouble = "is silent";
    interest = Interest.READ;
    out.clear();
    in.clear();
  }

  /** Has {@code waitPoint} watch for replies, and for room while bytes wait for it. */
  void watch(WaitPoint waitPoint) {
    Link present = link;
    Interest wanted = out.position() > 0 ? Interest.EITHER : Interest.READ;
    if (present != null && wanted != interest) {
      interest = wanted;
      waitPoint.watchFor(present, wanted);
    }
  }

  void close() {
    Link present = link;
    link = null;
    if (present != null) {
      present.close();
    }
  }

  // ---- sending ----

  /** Makes room for a request of {@code byteCount}; false when there is none now. */
  boolean hasRoom(int byteCount) {
    if (out.remaining() < byteCount) {
      flush();
    }
    return out.remaining() >= byteCount;
  }

  /**
   * Puts a request behind those that wait for {@link #flush}; the caller has made sure that there
   * is room.
   *
   * @param body where the page's bytes are, from {@code at}; null to send none
   */
  void ask(
      AccessGrant grant,
      int pageNumber,
      long version,
      boolean zero,
      long sequence,
      @Nullable MemorySegment body,
      long at) {
    int header = out.position();
    int bodyLength = body == null ? 0 : PageGeometry.PAGE_BYTES;
    FrameHeader.start(out, header, requestType, bodyLength, origin.rack().value());
    FrameHeader.zeroPage(out, header, zero);
    FrameHeader.bootId(out, header, place.boot().value());
    FrameHeader.subject(out, header, grant.region().value());
    FrameHeader.epoch(out, header, grant.epoch());
    FrameHeader.pageVersion(out, header, version);
    FrameHeader.incarnation(out, header, origin.incarnation());
    FrameHeader.page(out, header, PageGeometry.pageInRegion(pageNumber));
    FrameHeader.sequence(out, header, sequence);
    if (body != null) {
      MemorySegment.copy(body, at, outMemory, header + FrameHeader.BYTES, bodyLength);
    }
    out.position(header + FrameHeader.BYTES + bodyLength);
  }

  /** Sends what is there, as far as the connection takes it; what fails shows when receiving. */
  void flush() {
    Link present = link;
    if (out.position() == 0 || present == null) {
      return;
    }
    out.flip();
    try {
      present.write(out);
    } catch (IOException e) {
      lose(e.getMessage());
    } finally {
      if (out.hasRemaining()) {
        out.compact();
      } else {
        out.clear();
      }
    }
  }

  // ---- receiving ----

  /** Takes in the replies that are there. */
  void receive(Replies to) {
    if (out.position() > 0) {
      flush();
    }
    Link present = link;
    if (present == null) {
      return;
    }
    try {
      int got = present.read(in);
      if (got < 0) {
        lose("it closed the connection");
      }
      if (got <= 0) {
        return;
      }
    } catch (IOException e) {
      lose(e.getMessage());
      return;
    }
    deliver(to);
  }

  private void deliver(Replies to) {
    int end = in.position();
    int at = 0;
    try {
      while (end - at >= FrameHeader.BYTES && link != null) {
        int bodyLength = FrameHeader.bodyLength(in, at);
        if (!isReply(at, bodyLength)) {
          lose("it sent what is no answer");
          return;
        }
        if (end - at < FrameHeader.BYTES + bodyLength) {
          return;
        }
        int header = at;
        at += FrameHeader.BYTES + bodyLength;
        boolean plausible =
            to.replied(
                this,
                FrameHeader.sequence(in, header),
                FrameHeader.status(in, header),
                FrameHeader.epoch(in, header),
                FrameHeader.pageVersion(in, header),
                FrameHeader.zeroPage(in, header),
                bodyLength,
                inMemory,
                header + FrameHeader.BYTES);
        if (!plausible) {
          lose("it sent what is no answer");
          return;
        }
      }
    } finally {
      if (at == end) {
        in.clear();
      } else if (at > 0) {
        in.limit(end).position(at).compact();
      }
    }
  }

  private boolean isReply(int at, int bodyLength) {
    return FrameHeader.type(in, at) == (byte) (requestType | MessageType.REPLY)
        && FrameHeader.protocolVersion(in, at) == FrameHeader.PROTOCOL_VERSION
        && FrameHeader.rackId(in, at) == origin.rack().value()
        && (bodyLength == 0
            || (bodyLength == PageGeometry.PAGE_BYTES && in.capacity() >= FRAME_BYTES));
  }

  private void lose(@Nullable String why) {
    trouble = "is unreachable: " + why;
    lost = true;
    close();
  }
}
