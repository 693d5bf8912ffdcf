package org.splitrack.fabric.transport;

import java.nio.ByteBuffer;

/**
 * One direction of a link within this JVM: a bounded ring between one writing and one reading
 * thread. The positions only grow; each is written by one side and published by a volatile store
 * after the bytes.
 */
final class ByteRing {
  static final int CAPACITY = 1 << 17;

  private final ByteBuffer bytes = ByteBuffer.allocateDirect(CAPACITY);
  private volatile long written;
  private volatile long read;
  private volatile boolean closed;
  private volatile Signal reader = new Signal();
  private volatile Signal writer = new Signal();

  /** As {@link Link#read} without waiting. */
  int read(ByteBuffer target) {
    // Closed is looked at first: what was written before the close is still delivered.
    boolean ended = closed;
    long from = read;
    int count = (int) Math.min(written - from, target.remaining());
    if (count == 0) {
      return ended && target.hasRemaining() ? -1 : 0;
    }
    int at = (int) (from & (CAPACITY - 1));
    int first = Math.min(count, CAPACITY - at);
    int to = target.position();
    target.put(to, bytes, at, first);
    target.put(to + first, bytes, 0, count - first);
    target.position(to + count);
    read = from + count;
    writer.raise();
    return count;
  }

  /** As {@link Link#write} without waiting; -1 when closed. */
  int write(ByteBuffer source) {
    if (closed) {
      return -1;
    }
    long from = written;
    int count = (int) Math.min(CAPACITY - (from - read), source.remaining());
    int at = (int) (from & (CAPACITY - 1));
    int first = Math.min(count, CAPACITY - at);
    int of = source.position();
    bytes.put(at, source, of, first);
    bytes.put(0, source, of + first, count - first);
    source.position(of + count);
    written = from + count;
    reader.raise();
    return count;
  }

  boolean hasBytesOrEnd() {
    return closed || written != read;
  }

  boolean hasRoomOrEnd() {
    return closed || written - read < CAPACITY;
  }

  void close() {
    closed = true;
    reader.raise();
    writer.raise();
  }

  /** Who is woken when bytes come. */
  Signal reader() {
    return reader;
  }

  void reader(Signal signal) {
    reader = signal;
  }

  /** Who is woken when there is room. */
  Signal writer() {
    return writer;
  }

  void writer(Signal signal) {
    writer = signal;
  }
}
