package org.splitrack.fabric.relay;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.splitrack.fabric.transport.Connection;
import org.splitrack.fabric.transport.Deadline;
import org.splitrack.fabric.transport.Link;

/**
 * A TCP conversation over a connection of the rack's own. The end that listens first says whether
 * it has reached the target; from then on bytes go both ways as they are, until either end closes.
 *
 * <pre>
 * answer     1 = reached
 *            0 = not reached: length 2, UTF-8 line
 * </pre>
 */
public final class Relay {
  private static final int BUFFER_BYTES = 16 << 10;
  private static final int MAX_LINE_BYTES = 512;
  private static final byte REACHED = 1;
  private static final byte NOT_REACHED = 0;
  private static final Logger LOG = LoggerFactory.getLogger(Relay.class);

  private Relay() {}

  /** The target is reached; returns when the conversation is over and both are closed. */
  public static void serve(Connection connection, SocketChannel target) {
    try {
      send(connection.link(), ByteBuffer.wrap(new byte[] {REACHED}));
    } catch (IOException e) {
      end("the other end went before the target was reached", connection.link(), target, e);
      return;
    }
    join(connection.link(), target);
  }

  /** The target is not reached; closes the connection. */
  public static void refuse(Connection connection, String why) throws IOException {
    byte[] text = why.getBytes(StandardCharsets.UTF_8);
    int length = Math.min(text.length, MAX_LINE_BYTES);
    ByteBuffer answer = ByteBuffer.allocate(3 + length).order(ByteOrder.LITTLE_ENDIAN);
    answer.put(NOT_REACHED).putShort((short) length).put(text, 0, length).flip();
    try (Link link = connection.link()) {
      send(link, answer);
    }
  }

  /**
   * The dialling end's part: waits for the answer.
   *
   * @throws IOException with the other end's line when it has not reached the target; the
   *     connection is closed then
   */
  public static void awaitReached(Connection connection, Duration timeout) throws IOException {
    Link link = connection.link();
    try (Deadline deadline = Deadline.on(link, timeout)) {
      try {
        if (receive(link, 1).get() != REACHED) {
          int length = Math.clamp(receive(link, 2).getShort(), 0, MAX_LINE_BYTES);
          throw new IOException(StandardCharsets.UTF_8.decode(receive(link, length)).toString());
        }
      } catch (IOException e) {
        link.close();
        throw deadline.explain(e, "the answer of " + connection.peer().component());
      }
    }
  }

  /** Passes bytes on both ways; returns when the conversation is over and both are closed. */
  public static void join(Link link, SocketChannel socket) {
    Thread back =
        Thread.ofVirtual()
            .name("relay")
            .start(
                () -> {
                  try {
                    copyTo(link, socket);
                    end("the target has closed", link, socket, null);
                  } catch (IOException e) {
                    end("nothing more comes from the target", link, socket, e);
                  }
                });
    try {
      copyFrom(link, socket);
      end("the other end has closed", link, socket, null);
    } catch (IOException e) {
      end("nothing more comes from the other end", link, socket, e);
    }
    try {
      back.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void copyTo(Link link, SocketChannel socket) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES);
    while (socket.read(buffer.clear()) >= 0) {
      send(link, buffer.flip());
    }
  }

  private static void copyFrom(Link link, SocketChannel socket) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES);
    while (link.read(buffer.clear()) >= 0) {
      buffer.flip();
      while (buffer.hasRemaining()) {
        socket.write(buffer);
      }
    }
  }

  /** Whichever end goes first takes the other one along. */
  private static void end(String how, Link link, SocketChannel socket, @Nullable IOException e) {
    LOG.debug("a relayed conversation is over: {}", how, e);
    link.close();
    try {
      socket.close();
    } catch (IOException closing) {
      LOG.debug("a relayed socket did not close", closing);
    }
  }

  private static void send(Link link, ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      link.write(bytes);
    }
  }

  private static ByteBuffer receive(Link link, int count) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(count).order(ByteOrder.LITTLE_ENDIAN);
    while (bytes.hasRemaining()) {
      if (link.read(bytes) < 0) {
        throw new EOFException("the connection was closed before the answer");
      }
    }
    return bytes.flip();
  }
}
