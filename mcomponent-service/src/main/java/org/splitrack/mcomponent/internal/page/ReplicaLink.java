package org.splitrack.mcomponent.internal.page;

import static org.splitrack.fabric.PageGeometry.PAGE_BYTES;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;
import org.splitrack.fabric.RegionId;
import org.splitrack.fabric.region.CopyPlace;
import org.splitrack.fabric.transport.Identity;
import org.splitrack.fabric.transport.Link;
import org.splitrack.fabric.transport.WaitPoint;
import org.splitrack.fabric.transport.WaitPoint.Interest;
import org.splitrack.fabric.wire.FrameHeader;
import org.splitrack.fabric.wire.MessageType;
import org.splitrack.fabric.wire.Status;
import org.splitrack.mcomponent.internal.store.HeldRegion;
import org.splitrack.mcomponent.internal.store.PageStore;

/**
 * The way from this mComponent, as home, to one start of another: pages and hand-offs there,
 * acknowledgements back. What waits to be sent is bounded by its buffer; what does not fit is
 * refused and offered again by the copies once there is room. Owned by the page agent.
 */
final class ReplicaLink {
  /** Pages that wait to be sent, at most. */
  static final int BUFFERED_PAGES = 64;

  private static final int ACKNOWLEDGEMENTS = 256;

  /** Between two attempts to connect. */
  private static final long REDIAL_NS = 100_000_000;

  private final CopyPlace place;
  private final PageStore store;
  private final Identity identity;
  private final ByteBuffer out = direct(BUFFERED_PAGES * PageExchange.FRAME_BYTES);
  private final MemorySegment outMemory = MemorySegment.ofBuffer(out);

  /** Where in {@code out} that begins which is still to be sent. */
  private int unsentAt;

  private final ByteBuffer in = direct(ACKNOWLEDGEMENTS * FrameHeader.BYTES);

  /** Frames of a batch that go on from where they lie. */
  private @Nullable ByteBuffer run;

  private int runStart;
  private int runEnd;
  private @Nullable Link link;
  private Interest interest = Interest.READ;
  private long dialledNs;
  private boolean dialling;
  private boolean refused;
  private boolean ready;
  private int unanswered;

  ReplicaLink(CopyPlace place, PageStore store, Identity identity, long nowNs) {
    this.place = place;
    this.store = store;
    this.identity = identity;
    this.dialledNs = nowNs - REDIAL_NS;
  }

  /** What the other end says. */
  interface Answers {
    void answered(
        ReplicaLink from,
        byte type,
        long region,
        long epoch,
        long sequence,
        long version,
        Status status);
  }

  CopyPlace place() {
    return place;
  }

  long boot() {
    return place.boot().value();
  }

  boolean isUp() {
    return link != null;
  }

  // ---- connecting ----

  /** Whether to connect now; if so, it is noted that somebody does. */
  boolean beginDial(long nowNs) {
    if (link != null || dialling || nowNs - dialledNs < REDIAL_NS) {
      return false;
    }
    dialling = true;
    dialledNs = nowNs;
    return true;
  }

  /** The attempt came to nothing. */
  void dialFailed() {
    dialling = false;
  }

  void connected(Link made) {
    dialling = false;
    link = made;
    interest = Interest.READ;
    unanswered = 0;
    run = null;
    out.clear();
    unsentAt = 0;
    in.clear();
  }

  /** Ends the connection; what waited to be sent is gone. */
  void close() {
    Link present = link;
    link = null;
    if (present != null) {
      present.close();
    }
  }

  // ---- sending ----

  /** False when it cannot be sent now. */
  boolean replicate(HeldRegion held, long epoch, long sequence, int page) throws IOException {
    if (!hasRoom(PageExchange.FRAME_BYTES)) {
      return false;
    }
    int frame = held.frame(page);
    boolean zero = frame < 0;
    int bodyLength = zero ? 0 : PAGE_BYTES;
    int at = out.position();
    startPage(out, at, held, epoch, sequence, page);
    if (!zero) {
      store.read(frame, outMemory, at + FrameHeader.BYTES);
    }
    out.position(at + FrameHeader.BYTES + bodyLength);
    return true;
  }

  /** Whether a frame at {@code at} of a batch can be sent on from where it lies. */
  boolean canForward(int at) {
    return link != null && isEmpty() && (run == null || runEnd == at);
  }

  /**
   * Makes a write-back in {@code batch}, which {@link #canForward}, the page that is sent here:
   * only its header changes. It leaves with {@link #endRun}, before the batch's memory is used
   * again.
   */
  void forward(ByteBuffer batch, int at, HeldRegion held, long epoch, long sequence, int page) {
    startPage(batch, at, held, epoch, sequence, page);
    if (run == null) {
      run = batch;
      runStart = at;
    }
    runEnd = at + FrameHeader.BYTES + FrameHeader.bodyLength(batch, at);
  }

  /** Sends what is forwarded, and keeps what the connection does not take. */
  void endRun() throws IOException {
    ByteBuffer batch = run;
    run = null;
    Link present = link;
    if (batch == null || present == null) {
      return;
    }
    int position = batch.position();
    int limit = batch.limit();
    batch.limit(runEnd).position(runStart);
    try {
      present.write(batch);
      out.put(batch);
    } finally {
      batch.limit(limit).position(position);
    }
  }

  /** False when it cannot be sent now. */
  boolean handOff(RegionId region, long successorEpoch, Move move) throws IOException {
    if (!hasRoom(FrameHeader.BYTES)) {
      return false;
    }
    int at = out.position();
    start(out, at, MessageType.HAND_OFF, 0, region, successorEpoch);
    FrameHeader.pageVersion(out, at, move.pauseUs());
    FrameHeader.page(out, at, move.pages());
    FrameHeader.incarnation(out, at, move.rounds());
    out.position(at + FrameHeader.BYTES);
    return true;
  }

  /** Sends what waits, as far as the connection takes it. */
  void flush(WaitPoint waitPoint) throws IOException {
    Link present = link;
    if (present == null || isEmpty()) {
      return;
    }
    write(present);
    Interest wanted = !isEmpty() ? Interest.EITHER : Interest.READ;
    if (wanted != interest) {
      interest = wanted;
      waitPoint.watchFor(present, wanted);
    }
  }

  /** Whether somebody was refused and there is room again; asking forgets it. */
  boolean takeRoomAgain() {
    boolean again = refused && link != null && room() >= out.capacity() / 2;
    if (again) {
      refused = false;
    }
    return again;
  }

  private boolean hasRoom(int byteCount) throws IOException {
    endRun();
    Link present = link;
    if (present != null && out.remaining() < byteCount) {
      if (room() < byteCount) {
        write(present);
      }
      moveUp();
    }
    boolean room = present != null && out.remaining() >= byteCount;
    refused |= !room;
    return room;
  }

  private boolean isEmpty() {
    return out.position() == unsentAt;
  }

  /** Bytes for which there is room once what is unsent has moved up. */
  private int room() {
    return out.remaining() + unsentAt;
  }

  /** Moves what is unsent to the beginning, which costs as much as copying it. */
  private void moveUp() {
    if (unsentAt > 0) {
      out.flip().position(unsentAt);
      out.compact();
      unsentAt = 0;
    }
  }

  private void write(Link to) throws IOException {
    int end = out.position();
    out.flip().position(unsentAt);
    try {
      to.write(out);
    } finally {
      unsentAt = out.position();
      out.clear();
      if (unsentAt == end) {
        unsentAt = 0;
      } else {
        out.position(end);
      }
    }
  }

  private void startPage(
      ByteBuffer to, int at, HeldRegion held, long epoch, long sequence, int page) {
    boolean zero = held.frame(page) < 0;
    start(to, at, MessageType.REPLICATE, zero ? 0 : PAGE_BYTES, held.region(), epoch);
    FrameHeader.zeroPage(to, at, zero);
    FrameHeader.pageVersion(to, at, held.version(page));
    FrameHeader.page(to, at, page);
    FrameHeader.sequence(to, at, sequence);
  }

  private void start(
      ByteBuffer to, int at, byte type, int bodyLength, RegionId region, long epoch) {
    FrameHeader.start(to, at, type, bodyLength, identity.rack().value());
    FrameHeader.bootId(to, at, boot());
    FrameHeader.subject(to, at, region.value());
    FrameHeader.epoch(to, at, epoch);
    unanswered++;
  }

  // ---- answers ----

  /** Something has come in, or the link has ended. */
  void noteReady() {
    ready = true;
  }

  /** Whether something has come in, as far as the wait point has told. */
  boolean isReady() {
    return ready;
  }

  /** Whether something is to come in. */
  boolean expectsAnswers() {
    return unanswered > 0;
  }

  /**
   * Takes in the answers that are there, at most one buffer of them.
   *
   * @return how many; -1 when the other end has closed
   * @throws IOException also when what comes is no answer
   */
  int receive(Answers to) throws IOException {
    Link present = link;
    if (present == null) {
      return 0;
    }
    ready = false;
    if (present.read(in) < 0) {
      return -1;
    }
    in.flip();
    int count = 0;
    while (in.remaining() >= FrameHeader.BYTES && isUp()) {
      int at = in.position();
      in.position(at + FrameHeader.BYTES);
      deliver(at, to);
      count++;
    }
    in.compact();
    return count;
  }

  private void deliver(int at, Answers to) throws IOException {
    byte type = FrameHeader.type(in, at);
    boolean expected =
        (type == (byte) (MessageType.REPLICATE | MessageType.REPLY)
                || type == (byte) (MessageType.HAND_OFF | MessageType.REPLY))
            && FrameHeader.bodyLength(in, at) == 0
            && FrameHeader.protocolVersion(in, at) == FrameHeader.PROTOCOL_VERSION
            && FrameHeader.rackId(in, at) == identity.rack().value();
    if (!expected) {
      throw new IOException(place + " sent what is no answer");
    }
    unanswered--;
    to.answered(
        this,
        type,
        FrameHeader.subject(in, at),
        FrameHeader.epoch(in, at),
        FrameHeader.sequence(in, at),
        FrameHeader.pageVersion(in, at),
        FrameHeader.status(in, at));
  }

  private static ByteBuffer direct(int byteCount) {
    return ByteBuffer.allocateDirect(byteCount).order(ByteOrder.LITTLE_ENDIAN);
  }
}
