package org.splitrack.jobs.internal.pages;

import java.io.EOFException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;

/**
 * The baseline of a miss: 64 bytes there, 64 and a page of 4096 back over one connection. No rack
 * code; the rule for waiting is the rack's, written down once more.
 *
 * <p>As a program it is the answering side on this machine: it prints its port, serves one
 * connection and ends with it.
 */
public final class BareExchange implements AutoCloseable {
  private static final int HEADER_BYTES = 64;
  private static final int PAGE_BYTES = 4096;
  private static final int PAGE_AT = 52;
  private static final int PAGES = 4096;
  private static final long MAX_SPIN_NS = 200_000;
  private static final long MIN_SPIN_NS = 20_000;
  private static final long PREEMPTED_NS = 500_000;
  private static final int CALM_WAITS = 64;
  private static final Duration CONNECT_LIMIT = Duration.ofSeconds(10);

  private final SocketChannel channel;
  private final Selector selector;
  private final ByteBuffer request = ByteBuffer.allocateDirect(HEADER_BYTES);
  private final ByteBuffer reply = ByteBuffer.allocateDirect(HEADER_BYTES + PAGE_BYTES);

  private long usualWaitNs;
  private int calmWaitsLeft;

  private BareExchange(SocketChannel channel) throws IOException {
    this.channel = channel;
    channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
    channel.configureBlocking(false);
    selector = Selector.open();
    channel.register(selector, SelectionKey.OP_READ);
  }

  /** The asking side, of one on this machine. */
  public static BareExchange connect(int port) throws IOException {
    return connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), CONNECT_LIMIT);
  }

  /** The asking side. */
  public static BareExchange connect(InetSocketAddress address, Duration limit) throws IOException {
    SocketChannel channel = SocketChannel.open();
    try {
      channel.socket().connect(address, (int) limit.toMillis());
      return new BareExchange(channel);
    } catch (IOException e) {
      channel.close();
      throw e;
    }
  }

  /** Serves one connection; prints the port first. */
  public static void main(String[] args) throws IOException {
    try (ServerSocketChannel listener = ServerSocketChannel.open()) {
      listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      System.out.println(listener.socket().getLocalPort());
      answerOne(listener);
    }
  }

  /** Serves the first connection to an address of its own, until the other end closes it. */
  static void answer(InetSocketAddress at) throws IOException {
    try (ServerSocketChannel listener = ServerSocketChannel.open()) {
      listener.bind(at);
      answerOne(listener);
    }
  }

  private static void answerOne(ServerSocketChannel listener) throws IOException {
    try (BareExchange peer = new BareExchange(listener.accept())) {
      peer.answerAll();
    }
  }

  /** Fetches one page; returns when all of it is here. */
  public void fetch(int page) throws IOException {
    request.putInt(PAGE_AT, page);
    write(request.clear());
    read(reply.clear());
  }

  @Override
  public void close() throws IOException {
    selector.close();
    channel.close();
  }

  private void answerAll() throws IOException {
    ByteBuffer store = ByteBuffer.allocateDirect(PAGES * PAGE_BYTES);
    ByteBuffer header = ByteBuffer.allocateDirect(HEADER_BYTES);
    ByteBuffer[] both = {header, store};
    try {
      while (true) {
        read(request.clear());
        int at = request.getInt(PAGE_AT) * PAGE_BYTES;
        header.clear();
        store.limit(at + PAGE_BYTES).position(at);
        while (store.hasRemaining()) {
          channel.write(both);
        }
      }
    } catch (EOFException closed) {
      // It has all that it wanted.
    }
  }

  private void write(ByteBuffer b) throws IOException {
    while (b.hasRemaining()) {
      channel.write(b);
    }
  }

  private void read(ByteBuffer b) throws IOException {
    long startNs = System.nanoTime();
    long nowNs = startNs;
    while (b.hasRemaining()) {
      int got = channel.read(b);
      if (got < 0) {
        throw new EOFException("the other end has closed");
      }
      if (got == 0) {
        if (spins(nowNs - startNs)) {
          Thread.onSpinWait();
        } else {
          selector.select(key -> {});
        }
        long lastNs = nowNs;
        nowNs = System.nanoTime();
        if (nowNs - lastNs > PREEMPTED_NS && spins(lastNs - startNs)) {
          calmWaitsLeft = CALM_WAITS;
        }
      }
    }
    usualWaitNs += (Math.min(nowNs - startNs, 2 * MAX_SPIN_NS) - usualWaitNs) >> 3;
    if (calmWaitsLeft > 0) {
      calmWaitsLeft--;
    }
  }

  private boolean spins(long waitedNs) {
    boolean calm = calmWaitsLeft > 0 || usualWaitNs > MAX_SPIN_NS / 2;
    return waitedNs < (calm ? MIN_SPIN_NS : MAX_SPIN_NS);
  }
}
