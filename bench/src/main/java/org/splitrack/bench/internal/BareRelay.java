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
 * The middle of the baseline of a replicated write-back stream: keeps each page that comes, as
 * {@link BareStream} does, sends the frames on to another of those, and answers what that has
 * answered. Blocking sockets, a thread each way, no rack code.
 *
 * <p>As a program it is given the port of the last one; it prints its own, serves one connection
 * and ends with it.
 */
public final class BareRelay {
  private static final int HEADER_BYTES = 64;
  private static final int PAGE_BYTES = 4096;
  private static final int FRAME_BYTES = HEADER_BYTES + PAGE_BYTES;
  private static final int FRAMES_A_CALL = 16;
  private static final int MAX_IN_FLIGHT = 64;
  private static final int PAGE_AT = 52;
  private static final int PAGES = 4096;

  private final SocketChannel client;
  private final SocketChannel last;

  private BareRelay(SocketChannel client, SocketChannel last) throws IOException {
    this.client = client;
    this.last = last;
    client.setOption(StandardSocketOptions.TCP_NODELAY, true);
    last.setOption(StandardSocketOptions.TCP_NODELAY, true);
  }

  /** Serves one connection; prints the port first. */
  public static void main(String[] args) throws IOException {
    InetAddress here = InetAddress.getLoopbackAddress();
    try (ServerSocketChannel listener = ServerSocketChannel.open();
        SocketChannel last =
            SocketChannel.open(new InetSocketAddress(here, Integer.parseInt(args[0])))) {
      listener.bind(new InetSocketAddress(here, 0));
      System.out.println(listener.socket().getLocalPort());
      try (SocketChannel client = listener.accept()) {
        BareRelay relay = new BareRelay(client, last);
        Thread.ofPlatform().daemon().start(relay::answerAll);
        relay.keepAll();
      }
    }
  }

  private void keepAll() throws IOException {
    ByteBuffer frames = ByteBuffer.allocateDirect(FRAMES_A_CALL * FRAME_BYTES);
    ByteBuffer store = ByteBuffer.allocateDirect(PAGES * PAGE_BYTES);
    int kept = 0;
    while (client.read(frames) >= 0) {
      frames.flip();
      while (frames.limit() - kept >= FRAME_BYTES) {
        int page = frames.getInt(kept + PAGE_AT);
        store.put(page * PAGE_BYTES, frames, kept + HEADER_BYTES, PAGE_BYTES);
        kept += FRAME_BYTES;
      }
      ByteBuffer whole = frames.duplicate().limit(kept);
      while (whole.hasRemaining()) {
        last.write(whole);
      }
      frames.position(kept).compact();
      kept = 0;
    }
  }

  private void answerAll() {
    ByteBuffer answers = ByteBuffer.allocateDirect(MAX_IN_FLIGHT * HEADER_BYTES);
    try {
      while (last.read(answers) >= 0) {
        answers.flip();
        while (answers.hasRemaining()) {
          client.write(answers);
        }
        answers.clear();
      }
      throw new EOFException("the last one has closed");
    } catch (IOException e) {
      System.out.println("done: " + e.getMessage());
    }
  }
}
