package org.splitrack.cli.internal.machine;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.security.SecureRandom;
import org.splitrack.cli.internal.RackFailure;

/**
 * Ports that nobody listens on, out of one block. The block's first port stays bound until this is
 * closed, so that two racks that start at once take theirs from different blocks. All lie below the
 * range from which the kernel takes the near end of outgoing connections, so that none of those can
 * take one between this look and a component's bind.
 */
public final class FreePorts implements AutoCloseable {
  private static final int FIRST = 12_000;
  private static final int END_EXCLUSIVE = 32_000;
  private static final int BLOCK = 250;
  private static final int MOST_TRIES = 500;

  private final ServerSocket guard;
  private int last;

  private FreePorts(ServerSocket guard) {
    this.guard = guard;
    this.last = guard.getLocalPort();
  }

  /**
   * Takes a block.
   *
   * @throws RackFailure when all are taken
   */
  public static FreePorts take() {
    SecureRandom random = new SecureRandom();
    for (int i = 0; i < MOST_TRIES; i++) {
      int base = FIRST + BLOCK * random.nextInt((END_EXCLUSIVE - FIRST) / BLOCK);
      if (isFree(base)) {
        try {
          return new FreePorts(listen(base));
        } catch (IOException takenSince) {
          // Another start has chosen the same; the next one will differ.
        }
      }
    }
    throw none();
  }

  private static RackFailure none() {
    return RackFailure.failed(
        "no free ports on loopback between %d and %d: end what uses them"
            .formatted(FIRST, END_EXCLUSIVE));
  }

  /** Another free loopback port, never the same twice. */
  public int next() {
    int endExclusive = guard.getLocalPort() + BLOCK;
    while (++last < endExclusive) {
      if (isFree(last)) {
        return last;
      }
    }
    throw none();
  }

  /** Whether a listener could be opened there now. */
  static boolean isFree(int port) {
    try (ServerSocket probe = listen(port)) {
      return probe.isBound();
    } catch (IOException taken) {
      return false;
    }
  }

  private static ServerSocket listen(int port) throws IOException {
    ServerSocket socket = new ServerSocket();
    try {
      socket.setReuseAddress(true);
      socket.bind(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), port), 1);
      return socket;
    } catch (IOException e) {
      socket.close();
      throw e;
    }
  }

  /** Others may take from the block again; they skip the ports that are in use by then. */
  @Override
  public void close() {
    try {
      guard.close();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
