package org.splitrack.fabric.control;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;
import org.splitrack.fabric.transport.FrameStream;
import org.splitrack.fabric.wire.FrameFault;
import org.splitrack.fabric.wire.FrameHeader;
import org.splitrack.fabric.wire.MessageType;
import org.splitrack.fabric.wire.Status;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.json.JsonMapper;

/**
 * How a call stands in a frame: the body is JSON and then the attachment. The header's page field
 * holds the JSON's length; its version field is 1 when there is an attachment, even an empty one.
 */
final class ControlFrames {
  static final int MAX_JSON_BYTES = 1 << 20;
  static final int MAX_ATTACHMENT_BYTES = 64 << 20;
  static final int MAX_BODY_BYTES = MAX_JSON_BYTES + MAX_ATTACHMENT_BYTES;
  static final JsonMapper JSON =
      JsonMapper.builder().propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE).build();

  private static final byte[] NOTHING = {};

  private ControlFrames() {}

  /** Refuses what the other end would refuse. */
  static void requireLimits(String what, byte[] json, byte @Nullable [] attachment) {
    if (json.length > MAX_JSON_BYTES) {
      throw new ControlFault(
          ControlFault.Code.BAD_REQUEST,
          what + " has " + json.length + " bytes of JSON; " + MAX_JSON_BYTES + " are allowed");
    }
    if (attachment != null && attachment.length > MAX_ATTACHMENT_BYTES) {
      throw new ControlFault(
          ControlFault.Code.BAD_REQUEST,
          what
              + " carries "
              + attachment.length
              + " bytes; "
              + MAX_ATTACHMENT_BYTES
              + " are allowed");
    }
  }

  static void send(
      FrameStream stream, byte type, Status status, byte[] json, byte @Nullable [] attachment)
      throws IOException {
    ByteBuffer header = stream.newHeader(type);
    FrameHeader.status(header, 0, status);
    FrameHeader.page(header, 0, json.length);
    FrameHeader.pageVersion(header, 0, attachment == null ? 0 : 1);
    stream.send(header, json, attachment == null ? NOTHING : attachment);
  }

  /** The JSON's length in the frame that {@code stream} has just begun. */
  static int jsonLength(FrameStream stream) throws FrameFault {
    int length = FrameHeader.page(stream.header(), 0);
    if (length < 0 || length > MAX_JSON_BYTES || length > stream.bodyRemaining()) {
      throw new FrameFault(FrameFault.Reason.TOO_LONG, "JSON of " + length + " bytes");
    }
    if (stream.bodyRemaining() - length > MAX_ATTACHMENT_BYTES) {
      throw new FrameFault(
          FrameFault.Reason.TOO_LONG,
          "an attachment of " + (stream.bodyRemaining() - length) + " bytes");
    }
    return length;
  }

  /** Call after the JSON was read. */
  static byte @Nullable [] attachment(FrameStream stream) throws IOException {
    return FrameHeader.pageVersion(stream.header(), 0) == 0
        ? null
        : stream.read(stream.bodyRemaining());
  }

  static void requireType(FrameStream stream, byte type) throws FrameFault {
    byte found = FrameHeader.type(stream.header(), 0);
    if (found != type) {
      throw new FrameFault(
          FrameFault.Reason.UNKNOWN_TYPE,
          "a frame of type " + Integer.toHexString(found & 0xff) + " on the control lane");
    }
  }

  static byte replyType() {
    return (byte) (MessageType.CONTROL | MessageType.REPLY);
  }

  /** A refusal as it travels. */
  record Refusal(ControlFault.Code code, String message) {}
}
