package org.splitrack.mcomponent.internal.page;

import static org.splitrack.fabric.PageGeometry.PAGE_BYTES;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.jspecify.annotations.Nullable;
import org.splitrack.fabric.transport.Connection;
import org.splitrack.fabric.transport.Link;
import org.splitrack.fabric.transport.WaitPoint;
import org.splitrack.fabric.transport.WaitPoint.Interest;
import org.splitrack.fabric.wire.FrameHeader;
import org.splitrack.fabric.wire.Lane;

/**
 * A connection that the page agent serves, with what it keeps between two looks: requests that have
 * come in and are not taken yet, and replies that the connection would not take yet. While there
 * are such replies, while a request finds no room, and while as many as allowed wait for their
 * answer, nothing is read, so what a peer costs is bounded. All is kept on the heap, since
 * connections come and go.
 */
final class ServedConnection {
  /** Page reads of one connection that wait for a write-back to be safe, at most. */
  static final int MAX_WAITING_READS = 16;

  /** Write-backs of one connection that wait for the other copies, at most. */
  static final int MAX_WAITING_WRITES = 256;

  private final long origin;
  private final Link link;
  private final Lane lane;
  private final long peerBoot;
  private ByteBuffer begun = ByteBuffer.allocate(PageExchange.FRAME_BYTES).flip();
  private @Nullable ByteBuffer unsent;
  private MemorySegment unsentMemory = MemorySegment.NULL;
  private Interest interest = Interest.READ;
  private long stalledBy;
  private int waiting;
  private boolean answered;

  /**
   * @param origin its number here, never used again
   */
  ServedConnection(Connection connection, long origin) {
    this.origin = origin;
    this.link = connection.link();
    this.lane = connection.lane();
    this.peerBoot = connection.peer().boot().value();
  }

  long origin() {
    return origin;
  }

  Link link() {
    return link;
  }

  Lane lane() {
    return lane;
  }

  /** Which start of which component is at the other end. */
  long peerBoot() {
    return peerBoot;
  }

  // ---- requests ----

  /** Puts what has come in and is not taken at the start of {@code in}. */
  void restore(ByteBuffer in) {
    in.put(begun);
  }

  /** Keeps the rest of {@code in} for the next look. */
  void keep(ByteBuffer in) {
    if (in.remaining() > begun.capacity()) {
      begun = ByteBuffer.allocate(PageExchange.batchBytes(lane));
    }
    begun.clear().put(in).flip();
  }

  boolean hasBegun() {
    return begun.hasRemaining();
  }

  /** The next request finds no room in that region; nothing is read before {@link #readmit}. */
  void stall(long region) {
    stalledBy = region;
  }

  /** There may be room in the region; true when this connection waits for that. */
  boolean readmit(long region) {
    boolean concerned = stalledBy == region;
    if (concerned) {
      stalledBy = 0;
    }
    return concerned;
  }

  /** Whether as many requests wait for their answer as may. */
  boolean isFull() {
    return waiting == maxWaiting();
  }

  /** A request waits for its answer. */
  void awaitAnswer() {
    waiting++;
  }

  /** Whether the next request can be looked at. */
  boolean takesRequests() {
    return stalledBy == 0 && !isFull() && !hasUnsent();
  }

  private int maxWaiting() {
    return lane == Lane.MISS ? MAX_WAITING_READS : MAX_WAITING_WRITES;
  }

  // ---- replies ----

  /** Sends {@code out}; keeps what the connection does not take. */
  void send(ByteBuffer out) throws IOException {
    if (!hasUnsent()) {
      link.write(out);
    }
    if (out.hasRemaining()) {
      replies().put(out);
    }
  }

  /**
   * A buffer for one reply to a request that waited, at its position; the caller sets the position
   * behind it. Sent by {@link #sendUnsent}.
   */
  ByteBuffer answer() {
    waiting--;
    return replies();
  }

  /** The same memory as {@link #answer}, from its first byte on. */
  MemorySegment answerMemory() {
    return unsentMemory;
  }

  /** Whether this is the first answer since the last {@link #sendUnsent}. */
  boolean noteAnswered() {
    boolean first = !answered;
    answered = true;
    return first;
  }

  /** Sends what was kept. */
  void sendUnsent() throws IOException {
    answered = false;
    ByteBuffer rest = unsent;
    if (rest != null && rest.position() > 0) {
      rest.flip();
      try {
        link.write(rest);
      } finally {
        rest.compact();
      }
    }
  }

  private boolean hasUnsent() {
    return unsent != null && unsent.position() > 0;
  }

  /** Room for the answers to a batch and to all requests that can wait. */
  private ByteBuffer replies() {
    ByteBuffer rest = unsent;
    if (rest == null) {
      int longest = FrameHeader.BYTES + (lane == Lane.MISS ? PAGE_BYTES : 0);
      int inBatch = PageExchange.batchBytes(lane) / FrameHeader.BYTES;
      rest = ByteBuffer.allocate((inBatch + maxWaiting()) * longest).order(ByteOrder.LITTLE_ENDIAN);
      unsent = rest;
      unsentMemory = MemorySegment.ofBuffer(rest);
    }
    return rest;
  }

  // ---- waiting ----

  /** Has {@code waitPoint} watch for what can be done with the connection now. */
  void watch(WaitPoint waitPoint) {
    Interest wanted = Interest.NOTHING;
    if (hasUnsent()) {
      wanted = Interest.WRITE;
    } else if (takesRequests()) {
      wanted = Interest.READ;
    }
    if (wanted != interest) {
      interest = wanted;
      waitPoint.watchFor(link, wanted);
    }
  }
}
