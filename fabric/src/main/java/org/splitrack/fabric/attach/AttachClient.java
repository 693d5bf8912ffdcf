package org.splitrack.fabric.attach;

import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.splitrack.fabric.Endpoint;
import org.splitrack.fabric.ProcessId;
import org.splitrack.fabric.transport.Connection;
import org.splitrack.fabric.transport.Deadline;
import org.splitrack.fabric.transport.Dialer;
import org.splitrack.fabric.transport.FrameStream;
import org.splitrack.fabric.wire.FrameHeader;
import org.splitrack.fabric.wire.Lane;
import org.splitrack.fabric.wire.MessageType;

/**
 * The command's end of a process's standard streams. Plain and blocking: {@link #connect}, {@link
 * #pumpInput}, {@link #awaitEnd}. Closing it before the end stops the process.
 */
public final class AttachClient implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(AttachClient.class);

  private final FrameStream stream;
  private final Endpoint endpoint;

  private AttachClient(FrameStream stream, Endpoint endpoint) {
    this.stream = stream;
    this.endpoint = endpoint;
  }

  /**
   * Attaches.
   *
   * @param timeout for connecting and the pComponent's answer
   * @throws IOException with one line when it cannot be reached or refuses
   */
  public static AttachClient connect(
      Dialer dialer, Endpoint endpoint, ProcessId process, String ticket, Duration timeout)
      throws IOException {
    Connection connection = dialer.connect(endpoint, Lane.ATTACH, timeout);
    FrameStream stream =
        new FrameStream(connection, dialer.identity().rack(), AttachFrames.MAX_BODY_BYTES);
    try (Deadline deadline = Deadline.on(connection.link(), timeout)) {
      try {
        AttachFrames.sendClaim(stream, new AttachFrames.Claim(process, ticket));
        AttachFrames.requireAccepted(stream);
      } catch (IOException e) {
        stream.close();
        throw deadline.explain(e, "attaching to process " + process);
      }
    }
    return new AttachClient(stream, endpoint);
  }

  /** From now on a daemon thread sends what {@code input} yields, and then its end. */
  public void pumpInput(InputStream input) {
    Thread.ofPlatform().daemon().name("attach-input").start(() -> sendAll(input));
  }

  private void sendAll(InputStream input) {
    byte[] buffer = new byte[16 * 1024];
    try {
      int length;
      while ((length = readOrEnd(input, buffer)) > 0) {
        AttachFrames.sendBytes(stream, MessageType.STDIN, buffer, 0, length);
      }
      AttachFrames.sendBytes(stream, MessageType.STDIN, buffer, 0, 0);
    } catch (IOException e) {
      // Not closed here: the end of the process may be on its way, and awaitEnd meets the same
      // broken connection and says so.
      LOG.debug("input is no longer sent: {}", e.getMessage());
    }
  }

  /** Input that cannot be read is input that has ended: its owner may be a closed terminal. */
  private static int readOrEnd(InputStream input, byte[] buffer) {
    try {
      return input.read(buffer);
    } catch (IOException e) {
      return -1;
    }
  }

  /**
   * Hands over what the program writes until it has ended. A receiver that waits makes the program
   * wait.
   *
   * @throws IOException when the connection is lost or the receiver fails
   */
  public ProgramOutcome awaitEnd(Receiver receiver) throws IOException {
    byte[] buffer = new byte[AttachFrames.MAX_BODY_BYTES];
    while (stream.next()) {
      switch (FrameHeader.type(stream.header(), 0)) {
        case MessageType.STDOUT -> receiver.output(buffer, readBody(buffer));
        case MessageType.STDERR -> receiver.error(buffer, readBody(buffer));
        case MessageType.ENDED -> {
          return AttachFrames.readEnded(stream);
        }
        default -> throw AttachFrames.unexpected(stream);
      }
    }
    throw new IOException("the connection to " + endpoint + " was lost");
  }

  private int readBody(byte[] buffer) throws IOException {
    int length = stream.bodyRemaining();
    stream.read(buffer, 0, length);
    return length;
  }

  @Override
  public void close() {
    stream.close();
  }

  /** Takes what the program writes, in order; the array is used again afterwards. */
  public interface Receiver {
    /** The first {@code length} bytes are of standard output. */
    void output(byte[] bytes, int length) throws IOException;

    /** The first {@code length} bytes are of standard error. */
    void error(byte[] bytes, int length) throws IOException;
  }
}
