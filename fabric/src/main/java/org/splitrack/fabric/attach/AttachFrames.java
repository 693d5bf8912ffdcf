package org.splitrack.fabric.attach;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.splitrack.fabric.ProcessId;
import org.splitrack.fabric.transport.FrameStream;
import org.splitrack.fabric.wire.FrameFault;
import org.splitrack.fabric.wire.FrameHeader;
import org.splitrack.fabric.wire.MessageType;
import org.splitrack.fabric.wire.Status;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.json.JsonMapper;

/**
 * The frames of the attach lane. The command sends ATTACH with process and ticket; the pComponent
 * answers it, with one line when it refuses; then STDIN one way, STDOUT and STDERR the other, and
 * last ENDED.
 */
public final class AttachFrames {
  /** Of every frame of the lane. */
  public static final int MAX_BODY_BYTES = 64 * 1024;

  private static final byte ATTACHED = (byte) (MessageType.ATTACH | MessageType.REPLY);
  private static final byte[] NOTHING = {};
  private static final JsonMapper JSON =
      JsonMapper.builder().propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE).build();

  private AttachFrames() {}

  /** What the first frame asks for. */
  public record Claim(ProcessId process, String ticket) {}

  /** Sends the first frame. */
  public static void sendClaim(FrameStream stream, Claim claim) throws IOException {
    ByteBuffer header = stream.newHeader(MessageType.ATTACH);
    FrameHeader.subject(header, 0, claim.process().value());
    stream.send(header, claim.ticket().getBytes(UTF_8), NOTHING);
  }

  /**
   * Reads the first frame.
   *
   * @throws IOException when it is another one or there is none
   */
  public static Claim readClaim(FrameStream stream) throws IOException {
    requireNext(stream, MessageType.ATTACH);
    long process = FrameHeader.subject(stream.header(), 0);
    if (process <= 0) {
      throw new IOException("attaching to process " + process);
    }
    return new Claim(
        new ProcessId(process), new String(stream.read(stream.bodyRemaining()), UTF_8));
  }

  /** Answers the first frame; {@code line} says why not, and is empty with OK. */
  public static void sendAnswer(FrameStream stream, Status status, String line) throws IOException {
    ByteBuffer header = stream.newHeader(ATTACHED);
    FrameHeader.status(header, 0, status);
    stream.send(header, line.getBytes(UTF_8), NOTHING);
  }

  /**
   * Reads the answer.
   *
   * @throws IOException with the pComponent's line when it refuses
   */
  public static void requireAccepted(FrameStream stream) throws IOException {
    requireNext(stream, ATTACHED);
    Status status = FrameHeader.status(stream.header(), 0);
    String line = new String(stream.read(stream.bodyRemaining()), UTF_8);
    if (status != Status.OK) {
      throw new IOException(line);
    }
  }

  /** Sends bytes of a standard stream. */
  public static void sendBytes(FrameStream stream, byte type, byte[] bytes, int offset, int length)
      throws IOException {
    stream.send(stream.newHeader(type), bytes, offset, length);
  }

  /** Sends the last frame. */
  public static void sendEnded(FrameStream stream, ProgramOutcome outcome) throws IOException {
    stream.send(stream.newHeader(MessageType.ENDED), JSON.writeValueAsBytes(outcome), NOTHING);
  }

  /** The outcome in the frame that {@code stream} has just begun. */
  static ProgramOutcome readEnded(FrameStream stream) throws IOException {
    try {
      return JSON.readValue(stream.read(stream.bodyRemaining()), ProgramOutcome.class);
    } catch (JacksonException e) {
      throw new IOException("the outcome makes no sense: " + e.getOriginalMessage(), e);
    }
  }

  private static void requireNext(FrameStream stream, byte type) throws IOException {
    if (!stream.next()) {
      throw new IOException("the connection was closed before a process was attached");
    }
    requireType(stream, type);
  }

  private static void requireType(FrameStream stream, byte type) throws FrameFault {
    byte got = FrameHeader.type(stream.header(), 0);
    if (got != type) {
      throw unexpected(stream);
    }
  }

  /** The fault of a frame that does not belong here. */
  public static FrameFault unexpected(FrameStream stream) {
    return new FrameFault(
        FrameFault.Reason.UNKNOWN_TYPE,
        "a frame of type " + FrameHeader.type(stream.header(), 0) + " on the attach lane");
  }
}
