package org.splitrack.fabric.control;

import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.splitrack.fabric.RackId;
import org.splitrack.fabric.Role;
import org.splitrack.fabric.transport.Connection;
import org.splitrack.fabric.transport.Deadline;
import org.splitrack.fabric.transport.FrameStream;
import org.splitrack.fabric.transport.LaneHandler;
import org.splitrack.fabric.transport.Peer;
import org.splitrack.fabric.wire.MessageType;
import org.splitrack.fabric.wire.Status;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * Answers the control lane. A connection carries one call at a time; callers that want several open
 * several. At most {@link #MAX_CALLS} run at once; one more is refused as UNAVAILABLE, and so is
 * one whose attachment finds no room in {@link #MAX_ATTACHED_BYTES} for all calls together. Calls
 * that {@link CallRules} do not let the caller's role make are DENIED.
 */
public final class ControlServer implements LaneHandler {
  public static final int MAX_CALLS = 256;
  public static final int MAX_ATTACHED_BYTES = 256 << 20;
  public static final Duration TRANSFER_TIMEOUT = Duration.ofSeconds(30);

  private static final Logger LOG = LoggerFactory.getLogger(ControlServer.class);
  private static final long ROOM_WAIT_MS = 2_000;

  private final RackId rack;
  private final CallRules rules;
  private final Map<String, Registration<?>> handlers = new ConcurrentHashMap<>();
  private final Semaphore calls = new Semaphore(MAX_CALLS);
  private final Semaphore attachedBytes;

  public ControlServer(RackId rack) {
    this(rack, MAX_ATTACHED_BYTES, CallRules.RACK);
  }

  ControlServer(RackId rack, int maxAttachedBytes, CallRules rules) {
    this.rack = rack;
    this.rules = rules;
    this.attachedBytes = new Semaphore(maxAttachedBytes);
  }

  /** From now on {@code handler} answers requests of {@code type}. */
  public <Q extends ControlRequest<R>, R extends ControlReply> void register(
      Class<Q> type, ControlHandler<Q, R> handler) {
    registerExchange(
        type,
        (request, attachment, peer) ->
            new Answer<>(handler.handle(request, attachment, peer), null));
  }

  /** The same for replies that carry bytes. */
  public <Q extends ControlRequest<R>, R extends ControlReply> void registerExchange(
      Class<Q> type, ControlHandler<Q, Answer<R>> handler) {
    Registration<?> before =
        handlers.putIfAbsent(type.getSimpleName(), new Registration<>(type, handler));
    if (before != null) {
      throw new IllegalStateException(type.getSimpleName() + " has a handler already");
    }
  }

  @Override
  public void accept(Connection connection) throws IOException {
    try (FrameStream stream = new FrameStream(connection, rack, ControlFrames.MAX_BODY_BYTES)) {
      while (stream.next()) {
        ControlFrames.requireType(stream, MessageType.CONTROL);
        if (calls.tryAcquire()) {
          try {
            serve(stream);
          } finally {
            calls.release();
          }
        } else {
          refuse(
              stream,
              new ControlFault(
                  ControlFault.Code.UNAVAILABLE, MAX_CALLS + " calls are running already"));
        }
      }
    }
  }

  private void serve(FrameStream stream) throws IOException {
    int jsonLength = ControlFrames.jsonLength(stream);
    int attachmentLength = stream.bodyRemaining() - jsonLength;
    if (!takeRoom(attachmentLength)) {
      refuse(
          stream,
          new ControlFault(
              ControlFault.Code.UNAVAILABLE,
              "no room for " + attachmentLength + " attached bytes"));
      return;
    }
    try {
      Answer<?> answer;
      byte[] reply;
      try {
        answer = answer(stream, jsonLength);
        reply = ControlFrames.JSON.writeValueAsBytes(answer.reply());
        ControlFrames.requireLimits("the answer", reply, answer.attachment());
      } catch (ControlFault fault) {
        refuse(stream, fault);
        return;
      }
      send(stream, Status.OK, reply, answer.attachment());
    } finally {
      attachedBytes.release(attachmentLength);
    }
  }

  private Answer<?> answer(FrameStream stream, int jsonLength) throws IOException {
    byte[] json;
    byte[] attachment;
    try (Deadline deadline = Deadline.on(stream.connection().link(), TRANSFER_TIMEOUT)) {
      try {
        json = stream.read(jsonLength);
        attachment = ControlFrames.attachment(stream);
      } catch (IOException e) {
        throw deadline.explain(e, "receiving a request");
      }
    }
    return dispatch(json, attachment, stream.connection().peer());
  }

  private boolean takeRoom(int bytes) {
    try {
      return attachedBytes.tryAcquire(bytes, ROOM_WAIT_MS, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private Answer<?> dispatch(byte[] json, byte @Nullable [] attachment, Peer peer) {
    JsonNode type;
    JsonNode request;
    try {
      JsonNode call = ControlFrames.JSON.readTree(json);
      type = call.path("type");
      request = call.path("request");
    } catch (JacksonException e) {
      throw badRequest("the request is no JSON: " + e.getOriginalMessage());
    }
    Registration<?> registration = handlers.get(type.asString(""));
    if (registration == null || !(request instanceof ObjectNode fields)) {
      throw badRequest("there is no call " + type);
    }
    Role caller = peer.component().role();
    if (!rules.mayCall(caller, registration.type())) {
      throw new ControlFault(
          ControlFault.Code.DENIED,
          "%s is not for %s".formatted(registration.type().getSimpleName(), caller.prefix()));
    }
    return registration.answer(fields, attachment, peer);
  }

  private void refuse(FrameStream stream, ControlFault fault) throws IOException {
    String message = fault.getMessage();
    send(
        stream,
        Status.FAILED,
        ControlFrames.JSON.writeValueAsBytes(
            new ControlFrames.Refusal(fault.code(), message == null ? "refused" : message)),
        null);
  }

  private static void send(
      FrameStream stream, Status status, byte[] json, byte @Nullable [] attachment)
      throws IOException {
    try (Deadline deadline = Deadline.on(stream.connection().link(), TRANSFER_TIMEOUT)) {
      try {
        ControlFrames.send(stream, ControlFrames.replyType(), status, json, attachment);
      } catch (IOException e) {
        throw deadline.explain(e, "sending a reply");
      }
    }
  }

  private static ControlFault badRequest(String message) {
    return new ControlFault(ControlFault.Code.BAD_REQUEST, message);
  }

  private record Registration<Q>(Class<Q> type, ControlHandler<Q, ? extends Answer<?>> handler) {
    Answer<?> answer(ObjectNode fields, byte @Nullable [] attachment, Peer peer) {
      Q request;
      try {
        request = ControlFrames.JSON.treeToValue(fields, type);
      } catch (JacksonException e) {
        throw badRequest(type.getSimpleName() + " is wrong: " + e.getOriginalMessage());
      }
      String missing = Completeness.missingIn(request);
      if (missing != null) {
        throw badRequest(type.getSimpleName() + " lacks " + missing);
      }
      try {
        return handler.handle(request, attachment, peer);
      } catch (ControlFault fault) {
        throw fault;
      } catch (RuntimeException e) {
        LOG.error("{} from {} failed", type.getSimpleName(), peer.component(), e);
        throw new ControlFault(ControlFault.Code.FAILED, type.getSimpleName() + " failed: " + e);
      }
    }
  }
}
