package org.splitrack.mcomponent.internal.page;

import static org.splitrack.fabric.PageGeometry.PAGE_BYTES;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.splitrack.fabric.region.RegionCopy;
import org.splitrack.fabric.region.Verdict;
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
 * Answers page requests: reads what a connection has, at most one batch, answers what can be
 * answered now in one buffer, sends that. The two buffers serve all connections in turn. Owned by
 * the page agent.
 *
 * <p>What is no request of this rack's protocol closes the connection; what is one but cannot be
 * done is answered with a status.
 */
final class PageExchange {
  static final int FRAME_BYTES = FrameHeader.BYTES + PAGE_BYTES;

  /** Page reads, or write-backs, that one look at a connection takes in at most. */
  static final int BATCH_PAGES = 16;

  /** Pages from another copy that one look takes in at most. */
  private static final int REPLICA_BATCH_PAGES = 64;

  private static final int LONGEST_BATCH = REPLICA_BATCH_PAGES * FRAME_BYTES;

  private final RegionCopies copies;
  private final PageStore store;
  private final long rackId;
  private final long bootId;
  private final PageCounters counters;
  private final WaitPoint waitPoint;
  private final ByteBuffer in = direct(LONGEST_BATCH);
  private final MemorySegment inMemory = MemorySegment.ofBuffer(in);
  private final ByteBuffer out = direct(LONGEST_BATCH);
  private final MemorySegment outMemory = MemorySegment.ofBuffer(out);

  PageExchange(RegionCopies copies, Identity identity, PageCounters counters, WaitPoint waitPoint) {
    this.copies = copies;
    this.store = copies.store();
    this.rackId = identity.rack().value();
    this.bootId = identity.boot().value();
    this.counters = counters;
    this.waitPoint = waitPoint;
  }

  /**
   * Serves one batch.
   *
   * @return requests taken; -1 when the other end has closed
   * @throws FrameFault when what came in is no request
   */
  int serve(ServedConnection connection) throws IOException {
    connection.sendUnsent();
    int taken = connection.takesRequests() ? take(connection) : 0;
    connection.watch(waitPoint);
    return taken;
  }

  /** Sends the answers to requests that waited. */
  void sendAnswers(ServedConnection connection) throws IOException {
    connection.sendUnsent();
    connection.watch(waitPoint);
  }

  /** Requests that one look takes in at most; the replies to them take no more than a batch can. */
  static int batchBytes(Lane lane) {
    return switch (lane) {
      case MISS -> BATCH_PAGES * FrameHeader.BYTES;
      case REPLICA -> LONGEST_BATCH;
      default -> BATCH_PAGES * FRAME_BYTES;
    };
  }

  private int take(ServedConnection connection) throws IOException {
    in.clear();
    connection.restore(in);
    int before = in.position();
    in.limit(batchBytes(connection.lane()));
    int got = in.hasRemaining() ? connection.link().read(in) : 0;
    in.flip();
    if (got < 0 && in.hasRemaining()) {
      throw new FrameFault(FrameFault.Reason.TRUNCATED, "a request that ends early");
    }
    if (got < 0 || in.limit() == 0) {
      return got;
    }
    if (got == 0 && before < FrameHeader.BYTES) {
      connection.keep(in);
      return 0;
    }
    out.clear();
    int taken;
    try {
      taken = takeAll(connection);
    } finally {
      copies.endBatch();
    }
    connection.keep(in);
    if (out.position() > 0) {
      connection.send(out.flip());
    }
    return taken;
  }

  private int takeAll(ServedConnection connection) throws FrameFault {
    int taken = 0;
    while (in.remaining() >= FrameHeader.BYTES && !connection.isFull()) {
      int at = in.position();
      int bodyLength = FrameHeader.bodyLength(in, at);
      requireRequest(connection.lane(), at, bodyLength);
      if (in.remaining() < FrameHeader.BYTES + bodyLength) {
        break;
      }
      if (!answer(connection, at, bodyLength)) {
        connection.stall(FrameHeader.subject(in, at));
        break;
      }
      in.position(at + FrameHeader.BYTES + bodyLength);
      taken++;
    }
    return taken;
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
    if (!isOf(lane, type)) {
      throw new FrameFault(FrameFault.Reason.UNKNOWN_TYPE, "type " + type + " on lane " + lane);
    }
  }

  private static boolean isOf(Lane lane, byte type) {
    return switch (lane) {
      case MISS -> type == MessageType.READ_PAGE;
      case BULK -> type == MessageType.WRITE_PAGE;
      case REPLICA -> type == MessageType.REPLICATE || type == MessageType.HAND_OFF;
      case CONTROL, ATTACH, STORAGE, TABLES -> false;
    };
  }

  /** False when the request has to stay where it is for now. */
  private boolean answer(ServedConnection connection, int at, int bodyLength) {
    HeldRegion held = store.find(FrameHeader.subject(in, at));
    RegionCopy copy = held == null ? null : held.copy();
    if (FrameHeader.bootId(in, at) != bootId) {
      refuse(at, Status.STALE_BOOT);
      return true;
    }
    if (held == null || copy == null) {
      refuse(at, Status.NOT_HOLDER);
      return true;
    }
    Verdict verdict = judge(connection, copy, at, bodyLength);
    boolean taken = answer(connection, held, copy, verdict, at);
    copies.endWrite(in, held, copy);
    return taken;
  }

  private boolean answer(
      ServedConnection connection, HeldRegion held, RegionCopy copy, Verdict verdict, int at) {
    switch (verdict) {
      case DONE -> done(held, at);
      case WAIT -> connection.awaitAnswer();
      case LATER -> {
        copies.stalled(copy);
        return false;
      }
      case MOVED, NOT_HOLDER, STALE_EPOCH, EXPELLED, BAD_REQUEST -> {
        int reply = refuse(at, verdict.status());
        if (verdict == Verdict.MOVED) {
          FrameHeader.epoch(out, reply, copy.successorEpoch());
          if (FrameHeader.type(in, at) == MessageType.WRITE_PAGE) {
            copies.stalled(copy);
          }
        }
      }
    }
    return true;
  }

  private Verdict judge(ServedConnection connection, RegionCopy copy, int at, int bodyLength) {
    byte type = FrameHeader.type(in, at);
    long epoch = FrameHeader.epoch(in, at);
    int page = FrameHeader.page(in, at);
    if (type == MessageType.READ_PAGE) {
      return copy.onRead(
          connection.origin(),
          FrameHeader.sequence(in, at),
          epoch,
          FrameHeader.incarnation(in, at),
          page);
    }
    long version = FrameHeader.pageVersion(in, at);
    if (type == MessageType.HAND_OFF) {
      copies.moved(
          copy, new Move(FrameHeader.page(in, at), FrameHeader.incarnation(in, at), version));
      return copy.onHandOff(connection.peerBoot(), epoch);
    }
    boolean zero = FrameHeader.zeroPage(in, at);
    if (bodyLength != (zero ? 0 : PAGE_BYTES)) {
      return Verdict.BAD_REQUEST;
    }
    copies.body(zero ? null : inMemory, at + FrameHeader.BYTES);
    if (type == MessageType.REPLICATE) {
      return copy.onReplicate(connection.peerBoot(), epoch, page, version);
    }
    copies.beginWrite(at, page);
    return copy.onWrite(
        connection.origin(),
        FrameHeader.sequence(in, at),
        epoch,
        FrameHeader.incarnation(in, at),
        page,
        version);
  }

  private void done(HeldRegion held, int at) {
    byte type = FrameHeader.type(in, at);
    int page = FrameHeader.page(in, at);
    if (type == MessageType.READ_PAGE) {
      answerRead(held, page, at);
      return;
    }
    int reply = startReply(at, Status.OK, 0);
    out.position(reply + FrameHeader.BYTES);
    if (type == MessageType.HAND_OFF) {
      return;
    }
    long heldVersion = held.version(page);
    FrameHeader.pageVersion(out, reply, heldVersion);
    if (type == MessageType.REPLICATE) {
      counters.countReplica();
    } else {
      counters.countWrite(heldVersion == FrameHeader.pageVersion(in, at));
    }
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

  private int refuse(int at, Status status) {
    int reply = startReply(at, status, 0);
    out.position(reply + FrameHeader.BYTES);
    counters.countRefusal();
    return reply;
  }

  private int startReply(int at, Status status, int bodyLength) {
    int reply = out.position();
    byte type = (byte) (FrameHeader.type(in, at) | MessageType.REPLY);
    FrameHeader.start(out, reply, type, bodyLength, rackId);
    FrameHeader.status(out, reply, status);
    FrameHeader.bootId(out, reply, bootId);
    FrameHeader.subject(out, reply, FrameHeader.subject(in, at));
    FrameHeader.epoch(out, reply, FrameHeader.epoch(in, at));
    FrameHeader.page(out, reply, FrameHeader.page(in, at));
    FrameHeader.sequence(out, reply, FrameHeader.sequence(in, at));
    return reply;
  }

  private static ByteBuffer direct(int byteCount) {
    return ByteBuffer.allocateDirect(byteCount).order(ByteOrder.LITTLE_ENDIAN);
  }
}
