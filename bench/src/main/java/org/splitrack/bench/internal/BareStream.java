package org.splitrack.bench.internal;

import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;

/**
 * The baseline of a write-back stream: frames of 64 and 4096 bytes there, 64 bytes back for each,
 * at most 64 frames without an answer, 16 in one system call; blocking sockets, no rack code.
 *
 * <p>As a program it is the receiving side: it prints its port, keeps each page in a store of 16
 * MiB, or of as many pages as its argument says, serves one connection and ends with it.
 */
public final class BareStream implements AutoCloseable {
  private static final int HEADER_BYTES = 64;
  private static final int PAGE_BYTES = 4096;
  private static final int FRAME_BYTES = HEADER_BYTES + PAGE_BYTES;
  private static final int FRAMES_A_CALL = 16;
  private static final int MAX_IN_FLIGHT = 64;
  private static final int PAGE_AT = 52;
  private static final int PAGES = 4096;

  private final SocketChannel channel;
  private final ByteBuffer frames = ByteBuffer.allocateDirect(FRAMES_A_CALL * FRAME_BYTES);
  private final ByteBuffer answers = ByteBuffer.allocateDirect(MAX_IN_FLIGHT * HEADER_BYTES);

  private BareStream(SocketChannel channel) throws IOException {
    this.channel = channel;
    channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
  }

  /** The sending side. */
  public static BareStream connect(int port) throws IOException {
    return new BareStream(
        SocketChannel.open(new InetSocketAddress(InetAddress.getLoopbackAddress(), port)));
  }

  /** Serves one connection; prints the port first. */
  public static void main(String[] args) throws IOException {
    try (ServerSocketChannel listener = ServerSocketChannel.open()) {
      listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      System.out.println(listener.socket().getLocalPort());
      try (BareStream peer = new BareStream(listener.accept())) {
        peer.keepAll(args.length > 0 ? Integer.parseInt(args[0]) : PAGES);
      }
    }
  }

  /**
   * Sends {@code count} pages, those of {@code source} in turn, again and again; returns when all
   * are answered.
   */
  public void send(ByteBuffer source, int count) throws IOException {
    int pages = source.capacity() / PAGE_BYTES;
    int sent = 0;
    int answered = 0;
    while (answered < count) {
      int batch = Math.min(FRAMES_A_CALL, Math.min(count - sent, MAX_IN_FLIGHT - sent + answered));
      if (batch > 0) {
        frames.clear();
        for (int i = 0; i < batch; i++) {
          int at = frames.position();
          frames.putInt(at + PAGE_AT, sent + i);
          frames.put(at + HEADER_BYTES, source, (sent + i) % pages * PAGE_BYTES, PAGE_BYTES);
          frames.position(at + FRAME_BYTES);
        }
        frames.flip();
        while (frames.hasRemaining()) {
          channel.write(frames);
        }
        sent += batch;
      } else {
        answered += takeAnswers();
      }
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }

  private int takeAnswers() throws IOException {
    requireMore(channel.read(answers));
    int whole = answers.position() / HEADER_BYTES;
    answers.flip().position(whole * HEADER_BYTES).compact();
    return whole;
  }

  private void keepAll(int pages) throws IOException {
    ByteBuffer store = ByteBuffer.allocateDirect(pages * PAGE_BYTES);
    try {
      while (true) {
        requireMore(channel.read(frames));
        frames.flip();
        answers.clear();
        while (frames.remaining() >= FRAME_BYTES) {
          int at = frames.position();
          int page = frames.getInt(at + PAGE_AT) % pages;
          store.put(page * PAGE_BYTES, frames, at + HEADER_BYTES, PAGE_BYTES);
          frames.position(at + FRAME_BYTES);
          answers.position(answers.position() + HEADER_BYTES);
        }
        frames.compact();
        answers.flip();
        while (answers.hasRemaining()) {
          channel.write(answers);
        }
      }
    } catch (EOFException e) {
      System.out.println("done");
    }
  }

  private static void requireMore(int got) throws EOFException {
    if (got < 0) {
      throw new EOFException("the other end has closed");
    }
  }
}
