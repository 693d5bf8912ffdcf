package org.splitrack.mcomponent.internal.page;

import static org.splitrack.fabric.PageGeometry.PAGE_BYTES;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;
import org.splitrack.fabric.transport.Identity;
import org.splitrack.fabric.transport.WaitPoint;
import org.splitrack.fabric.wire.FrameFault;
import org.splitrack.fabric.wire.FrameHeader;
import org.splitrack.fabric.wire.Lane;
import org.splitrack.fabric.wire.MessageType;
import org.splitrack.fabric.wire.Status;
import org.splitrack.mcomponent.internal.store.HeldRegion;
import org.splitrack.mcomponent.internal.store.PageStore;

/**
 * Answers page requests: reads what a connection has, at most one batch, answers it all in one
 * buffer, sends that. The two buffers serve all connections in turn. Owned by the page agent.
 *
 * <p>What is no request of this rack's protocol closes the connection; what is one but cannot be
 * done is answered with a status.
 */
final class PageExchange {
  static final int FRAME_BYTES = FrameHeader.BYTES + PAGE_BYTES;

  /** Page reads, or write-backs, that one look at a connection takes in at most. */
  static final int BATCH_PAGES = 16;

  /** Replies to a batch take at most as much as this, and so do its requests. */
  static final int BATCH_BYTES = BATCH_PAGES * FRAME_BYTES;

  private final PageStore store;
  private final long rackId;
  private final long bootId;
  private final PageCounters counters;
  private final WaitPoint waitPoint;
  private final ByteBuffer in = direct(BATCH_BYTES);
  private final MemorySegment inMemory = MemorySegment.ofBuffer(in);
  private final ByteBuffer out = direct(BATCH_BYTES);
  private final MemorySegment outMemory = MemorySegment.ofBuffer(out);

  PageExchange(PageStore store, Identity identity, PageCounters counters, WaitPoint waitPoint) {
    this.store = store;
    this.rackId = identity.rack().value();
    this.bootId = identity.boot().value();
    this.counters = counters;
    this.waitPoint = waitPoint;
  }

  /**
   * Serves one batch.
   *
   * @return requests answered; -1 when the other end has closed
   * @throws FrameFault when what came in is no request
   */
  int serve(ServedConnection connection) throws IOException {
    if (!connection.sendUnsent(waitPoint)) {
      return 0;
    }
    in.clear();
    connection.restore(in);
    in.limit(connection.lane() == Lane.MISS ? BATCH_PAGES * FrameHeader.BYTES : BATCH_BYTES);
    int got = connection.link().read(in);
    in.flip();
    if (got < 0 && in.hasRemaining()) {
      throw new FrameFault(FrameFault.Reason.TRUNCATED, "a request that ends early");
    }
    if (got <= 0) {
      connection.keep(in);
      return got;
    }
    out.clear();
    int answered = answerAll(connection.lane());
    connection.keep(in);
    if (out.position() > 0) {
      connection.send(out.flip(), waitPoint);
    }
    return answered;
  }

  private int answerAll(Lane lane) throws FrameFault {
    int answered = 0;
    while (in.remaining() >= FrameHeader.BYTES) {
      int at = in.position();
      int bodyLength = FrameHeader.bodyLength(in, at);
      requireRequest(lane, at, bodyLength);
      if (in.remaining() < FrameHeader.BYTES + bodyLength) {
        break;
      }
      answer(at, bodyLength);
      in.position(at + FrameHeader.BYTES + bodyLength);
      answered++;
    }
    return answered;
  }

  private void requireRequest(Lane lane, int at, int bodyLength) throws FrameFault {
    int longest = lane == Lane.MISS ? 0 : PAGE_BYTES;
    if (bodyLength < 0 || bodyLength > longest) {
      throw new FrameFault(
          FrameFault.Reason.TOO_LONG, "a body of " + bodyLength + " bytes on lane " + lane);
    }
    if (FrameHeader.protocolVersion(in, at) != FrameHeader.PROTOCOL_VERSION) {
      throw new FrameFault(
          FrameFault.Reason.OTHER_VERSION, "version " + FrameHeader.protocolVersion(in, at));
    }
    if (FrameHeader.rackId(in, at) != rackId) {
      throw new FrameFault(FrameFault.Reason.OTHER_RACK, "rack " + FrameHeader.rackId(in, at));
    }
    byte type = FrameHeader.type(in, at);
    if (type != (lane == Lane.MISS ? MessageType.READ_PAGE : MessageType.WRITE_PAGE)) {
      throw new FrameFault(FrameFault.Reason.UNKNOWN_TYPE, "type " + type + " on lane " + lane);
    }
  }

  private void answer(int at, int bodyLength) {
    HeldRegion held = store.find(FrameHeader.subject(in, at));
    int page = FrameHeader.page(in, at);
    Status status = judge(held, at, page);
    if (status != Status.OK || held == null) {
      refuse(at, status);
    } else if (FrameHeader.type(in, at) == MessageType.READ_PAGE) {
      answerRead(held, page, at);
    } else {
      answerWrite(held, page, at, bodyLength);
    }
  }

  private Status judge(@Nullable HeldRegion held, int at, int page) {
    if (FrameHeader.bootId(in, at) != bootId) {
      return Status.STALE_BOOT;
    }
    if (held == null || FrameHeader.epoch(in, at) > held.epoch()) {
      return Status.NOT_HOLDER;
    }
    if (FrameHeader.epoch(in, at) < held.epoch()) {
      return Status.STALE_EPOCH;
    }
    if (FrameHeader.incarnation(in, at) < held.incarnation()) {
      return Status.EXPELLED;
    }
    if (FrameHeader.incarnation(in, at) > held.incarnation()
        || page < 0
        || page >= held.reservedPages()) {
      return Status.BAD_REQUEST;
    }
    return Status.OK;
  }

  private void answerRead(HeldRegion held, int page, int at) {
    int frame = held.frame(page);
    boolean zero = frame < 0;
    int reply = startReply(at, Status.OK, zero ? 0 : PAGE_BYTES);
    FrameHeader.zeroPage(out, reply, zero);
    FrameHeader.pageVersion(out, reply, held.version(page));
    if (!zero) {
      store.read(frame, outMemory, reply + FrameHeader.BYTES);
    }
    out.position(reply + FrameHeader.BYTES + (zero ? 0 : PAGE_BYTES));
    counters.countRead(zero);
  }

  private void answerWrite(HeldRegion held, int page, int at, int bodyLength) {
    boolean zero = FrameHeader.zeroPage(in, at);
    long version = FrameHeader.pageVersion(in, at);
    if (bodyLength != (zero ? 0 : PAGE_BYTES) || version <= 0) {
      refuse(at, Status.BAD_REQUEST);
      return;
    }
    boolean taken =
        store.write(held, page, version, zero ? null : inMemory, at + FrameHeader.BYTES);
    int reply = startReply(at, Status.OK, 0);
    FrameHeader.pageVersion(out, reply, held.version(page));
    out.position(reply + FrameHeader.BYTES);
    counters.countWrite(taken);
  }

  private void refuse(int at, Status status) {
    int reply = startReply(at, status, 0);
    out.position(reply + FrameHeader.BYTES);
    counters.countRefusal();
  }

  private int startReply(int at, Status status, int bodyLength) {
    int reply = out.position();
    byte type = (byte) (FrameHeader.type(in, at) | MessageType.REPLY);
    FrameHeader.start(out, reply, type, bodyLength, rackId);
    FrameHeader.status(out, reply, status);
    FrameHeader.bootId(out, reply, bootId);
    FrameHeader.subject(out, reply, FrameHeader.subject(in, at));
    FrameHeader.page(out, reply, FrameHeader.page(in, at));
    FrameHeader.sequence(out, reply, FrameHeader.sequence(in, at));
    return reply;
  }

  private static ByteBuffer direct(int byteCount) {
    return ByteBuffer.allocateDirect(byteCount).order(ByteOrder.LITTLE_ENDIAN);
  }
}
