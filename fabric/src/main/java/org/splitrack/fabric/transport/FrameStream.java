package org.splitrack.fabric.transport;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.concurrent.locks.ReentrantLock;
import org.splitrack.fabric.RackId;
import org.splitrack.fabric.wire.FrameFault;
import org.splitrack.fabric.wire.FrameHeader;

/**
 * Frames over a blocking connection, for the lanes where a thread waits for its peer: control,
 * attach, storage. One thread reads; any thread sends. Lengths are checked before anything is
 * allocated. A {@link Deadline} on the link bounds what must not take for ever.
 */
public final class FrameStream implements AutoCloseable {
  private static final int BUFFER_BYTES = 16 * 1024;

  private final Connection connection;
  private final RackId rack;
  private final int maxBodyBytes;
  private final ByteBuffer in = buffer().flip();
  private final ByteBuffer header =
      ByteBuffer.allocate(FrameHeader.BYTES).order(ByteOrder.LITTLE_ENDIAN);
  private final ByteBuffer out = buffer();
  private final ReentrantLock sending = new ReentrantLock();
  private int bodyRemaining;

  /**
   * @param maxBodyBytes a frame with a longer body is a {@link FrameFault}
   */
  public FrameStream(Connection connection, RackId rack, int maxBodyBytes) {
    this.connection = connection;
    this.rack = rack;
    this.maxBodyBytes = maxBodyBytes;
  }

  public Connection connection() {
    return connection;
  }

  /**
   * Waits for the next frame; what was not read of the last one's body is skipped.
   *
   * @return false when the other end has closed between frames
   * @throws FrameFault when what comes is no frame of this rack
   */
  public boolean next() throws IOException {
    skip(bodyRemaining);
    if (!fill(FrameHeader.BYTES)) {
      return false;
    }
    header.clear();
    in.get(header.array());
    bodyRemaining = FrameHeader.bodyLength(header, 0);
    if (FrameHeader.protocolVersion(header, 0) != FrameHeader.PROTOCOL_VERSION) {
      throw new FrameFault(
          FrameFault.Reason.OTHER_VERSION,
          "a frame of protocol version " + FrameHeader.protocolVersion(header, 0));
    }
    if (FrameHeader.rackId(header, 0) != rack.value()) {
      throw new FrameFault(
          FrameFault.Reason.OTHER_RACK,
          "a frame of rack " + new RackId(FrameHeader.rackId(header, 0)));
    }
    if (bodyRemaining < 0 || bodyRemaining > maxBodyBytes) {
      throw new FrameFault(
          FrameFault.Reason.TOO_LONG,
          "a body of " + bodyRemaining + " bytes where " + maxBodyBytes + " are allowed");
    }
    return true;
  }

  /** The present frame's header, at 0; overwritten by {@link #next}. */
  public ByteBuffer header() {
    return header;
  }

  /** Bytes of the present frame's body that were not read yet. */
  public int bodyRemaining() {
    return bodyRemaining;
  }

  /** Reads exactly {@code length} bytes of the body. */
  public void read(byte[] target, int offset, int length) throws IOException {
    java.util.Objects.checkFromIndexSize(offset, length, target.length);
    if (length > bodyRemaining) {
      throw new IllegalArgumentException(length + " bytes of a body that has " + bodyRemaining);
    }
    int done = 0;
    while (done < length) {
      if (!in.hasRemaining()) {
        fillInBody();
      }
      int step = Math.min(in.remaining(), length - done);
      in.get(target, offset + done, step);
      done += step;
      bodyRemaining -= step;
    }
  }

  /** Fills {@code target} from the body, without a copy of its own where that is long. */
  public void read(ByteBuffer target) throws IOException {
    if (target.remaining() > bodyRemaining) {
      throw new IllegalArgumentException(
          target.remaining() + " bytes of a body that has " + bodyRemaining);
    }
    bodyRemaining -= target.remaining();
    int buffered = Math.min(in.remaining(), target.remaining());
    target.put(target.position(), in, in.position(), buffered);
    in.position(in.position() + buffered);
    target.position(target.position() + buffered);
    while (target.hasRemaining()) {
      if (connection.link().read(target) < 0) {
        throw truncated();
      }
    }
  }

  /** Reads {@code length} bytes of the body into a new array. */
  public byte[] read(int length) throws IOException {
    java.util.Objects.checkIndex(length, bodyRemaining + 1);
    byte[] bytes = new byte[length];
    read(bytes, 0, length);
    return bytes;
  }

  /**
   * Whether an unused connection can be used again: it is open, and nothing has come in since the
   * last frame, not even the other end's closing.
   */
  public boolean isQuiet() {
    if (bodyRemaining > 0 || in.hasRemaining()) {
      return false;
    }
    Link link = connection.link();
    try {
      link.blocking(false);
      in.clear();
      int got = link.read(in);
      in.flip();
      link.blocking(true);
      return got == 0;
    } catch (IOException e) {
      return false;
    }
  }

  /** A header to send: little-endian, of this rack, everything else zero. */
  public ByteBuffer newHeader(byte type) {
    ByteBuffer b = ByteBuffer.allocate(FrameHeader.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    FrameHeader.start(b, 0, type, 0, rack.value());
    return b;
  }

  /**
   * Sends one frame; waits while the other end does not take it.
   *
   * @param frameHeader from {@link #newHeader}; its body length is set here
   */
  public void send(ByteBuffer frameHeader, byte[] body, int offset, int length) throws IOException {
    java.util.Objects.checkFromIndexSize(offset, length, body.length);
    sending.lock();
    try {
      begin(frameHeader, length);
      put(body, offset, length);
      drain();
    } finally {
      sending.unlock();
    }
  }

  /** Sends one frame whose body is both arrays, one after the other. */
  public void send(ByteBuffer frameHeader, byte[] first, byte[] second) throws IOException {
    sending.lock();
    try {
      begin(frameHeader, Math.addExact(first.length, second.length));
      put(first, 0, first.length);
      put(second, 0, second.length);
      drain();
    } finally {
      sending.unlock();
    }
  }

  /** Sends one frame whose body is what remains in {@code body}, one after the other. */
  public void send(ByteBuffer frameHeader, ByteBuffer... body) throws IOException {
    int length = 0;
    for (ByteBuffer part : body) {
      length = Math.addExact(length, part.remaining());
    }
    sending.lock();
    try {
      begin(frameHeader, length);
      for (ByteBuffer part : body) {
        put(part);
      }
      drain();
    } finally {
      sending.unlock();
    }
  }

  @Override
  public void close() {
    connection.close();
  }

  private void begin(ByteBuffer frameHeader, int bodyLength) {
    if (bodyLength > maxBodyBytes) {
      throw new IllegalArgumentException(
          "a body of " + bodyLength + " bytes where " + maxBodyBytes + " are allowed");
    }
    FrameHeader.bodyLength(frameHeader, 0, bodyLength);
    out.clear();
    out.put(0, frameHeader, 0, FrameHeader.BYTES).position(FrameHeader.BYTES);
  }

  private void put(byte[] bytes, int offset, int length) throws IOException {
    int done = 0;
    while (done < length) {
      if (!out.hasRemaining()) {
        drain();
      }
      int step = Math.min(out.remaining(), length - done);
      out.put(bytes, offset + done, step);
      done += step;
    }
  }

  /** Short parts go with what is waiting, long ones after it, as they are. */
  private void put(ByteBuffer part) throws IOException {
    if (part.remaining() <= out.remaining()) {
      out.put(part);
      return;
    }
    drain();
    while (part.hasRemaining()) {
      connection.link().write(part);
    }
  }

  private void drain() throws IOException {
    out.flip();
    while (out.hasRemaining()) {
      connection.link().write(out);
    }
    out.clear();
  }

  private void skip(int count) throws IOException {
    int left = count;
    while (left > 0) {
      if (!in.hasRemaining()) {
        fillInBody();
      }
      int step = Math.min(in.remaining(), left);
      in.position(in.position() + step);
      left -= step;
    }
    bodyRemaining -= count;
  }

  private void fillInBody() throws IOException {
    if (!fill(1)) {
      throw truncated();
    }
  }

  /** Reads on until {@code count} bytes are there; false at an end before the first of them. */
  private boolean fill(int count) throws IOException {
    while (in.remaining() < count) {
      in.compact();
      int got;
      try {
        got = connection.link().read(in);
      } finally {
        in.flip();
      }
      if (got < 0) {
        if (in.hasRemaining()) {
          throw truncated();
        }
        return false;
      }
    }
    return true;
  }

  private static FrameFault truncated() {
    return new FrameFault(
        FrameFault.Reason.TRUNCATED, "the connection ended in the middle of a frame");
  }

  /** On the heap: connections come and go, and memory outside it is given back late. */
  private static ByteBuffer buffer() {
    return ByteBuffer.allocate(BUFFER_BYTES).order(ByteOrder.LITTLE_ENDIAN);
  }
}
