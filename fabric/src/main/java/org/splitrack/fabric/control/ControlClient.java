package org.splitrack.fabric.control;

import java.io.IOException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Iterator;
import org.jspecify.annotations.Nullable;
import org.splitrack.fabric.ComponentId;
import org.splitrack.fabric.Endpoint;
import org.splitrack.fabric.transport.Connection;
import org.splitrack.fabric.transport.Deadline;
import org.splitrack.fabric.transport.Dialer;
import org.splitrack.fabric.transport.FrameStream;
import org.splitrack.fabric.transport.HandshakeRefused;
import org.splitrack.fabric.wire.FrameHeader;
import org.splitrack.fabric.wire.Lane;
import org.splitrack.fabric.wire.MessageType;
import org.splitrack.fabric.wire.Status;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.node.ObjectNode;

/**
 * Calls other components on the control lane. Safe from any thread; a call blocks its thread (a
 * virtual one gladly). Connections are kept for the next call, at most {@link #MAX_IDLE}.
 *
 * <p>A call that fails as UNREACHABLE may have been carried out: whoever repeats it relies on the
 * request being harmless when repeated.
 */
public final class ControlClient implements AutoCloseable {
  public static final int MAX_IDLE = 64;

  private static final ClassValue<Class<?>> REPLY_TYPES =
      new ClassValue<>() {
        @Override
        protected Class<?> computeValue(Class<?> requestType) {
          return replyType(requestType);
        }
      };

  private final Dialer dialer;
  private final CallRules rules;
  private final ArrayDeque<Idle> idle = new ArrayDeque<>();
  private boolean closed;

  public ControlClient(Dialer dialer) {
    this(dialer, CallRules.RACK);
  }

  ControlClient(Dialer dialer, CallRules rules) {
    this.dialer = dialer;
    this.rules = rules;
  }

  /**
   * Calls without bytes.
   *
   * @param timeout for all of it: connecting, the call, the reply
   * @throws ControlFault the peer's refusal, or UNREACHABLE
   */
  public <R extends ControlReply> R call(
      Endpoint endpoint, ControlRequest<R> request, Duration timeout) {
    return exchange(endpoint, request, null, timeout).reply();
  }

  /** Calls with bytes; at most 64 MiB each way. */
  public <R extends ControlReply> Answer<R> exchange(
      Endpoint endpoint,
      ControlRequest<R> request,
      byte @Nullable [] attachment,
      Duration timeout) {
    String name = request.getClass().getSimpleName();
    ObjectNode call = ControlFrames.JSON.createObjectNode().put("type", name);
    call.set("request", ControlFrames.JSON.valueToTree(request));
    byte[] json = ControlFrames.JSON.writeValueAsBytes(call);
    ControlFrames.requireLimits(name, json, attachment);

    long startNs = System.nanoTime();
    FrameStream stream = stream(endpoint, name, timeout);
    Duration rest = timeout.minusNanos(System.nanoTime() - startNs);
    requireServer(request, endpoint, stream);
    boolean reusable = false;
    try (Deadline deadline = Deadline.on(stream.connection().link(), rest)) {
      try {
        ControlFrames.send(stream, MessageType.CONTROL, Status.OK, json, attachment);
        if (!stream.next()) {
          throw new IOException("the connection was closed before the answer");
        }
        ControlFrames.requireType(stream, ControlFrames.replyType());
        byte[] reply = stream.read(ControlFrames.jsonLength(stream));
        byte[] replyAttachment = ControlFrames.attachment(stream);
        reusable = true;
        return answer(request, stream, reply, replyAttachment);
      } catch (IOException e) {
        throw unreachable(endpoint, name, deadline.explain(e, "the answer"));
      }
    } finally {
      if (reusable) {
        keep(endpoint, stream);
      } else {
        stream.close();
      }
    }
  }

  @Override
  public void close() {
    synchronized (idle) {
      closed = true;
      idle.forEach(kept -> kept.stream().close());
      idle.clear();
    }
  }

  /** Nothing is said to a component that has no business with it, whatever its address. */
  private void requireServer(ControlRequest<?> request, Endpoint endpoint, FrameStream stream) {
    ComponentId server = stream.connection().peer().component();
    if (!rules.mayServe(server.role(), request.getClass())) {
      keep(endpoint, stream);
      throw new ControlFault(
          ControlFault.Code.DENIED,
          "%s is not for %s, which answers at %s"
              .formatted(request.getClass().getSimpleName(), server, endpoint));
    }
  }

  private static <R extends ControlReply> Answer<R> answer(
      ControlRequest<R> request, FrameStream stream, byte[] json, byte @Nullable [] attachment) {
    try {
      if (FrameHeader.status(stream.header(), 0) != Status.OK) {
        ControlFrames.Refusal refusal =
            ControlFrames.JSON.readValue(json, ControlFrames.Refusal.class);
        throw new ControlFault(refusal.code(), refusal.message());
      }
      @SuppressWarnings("unchecked") // computed from the request's own type argument
      Class<R> type = (Class<R>) REPLY_TYPES.get(request.getClass());
      return new Answer<>(ControlFrames.JSON.readValue(json, type), attachment);
    } catch (JacksonException e) {
      throw new ControlFault(
          ControlFault.Code.FAILED,
          "the answer to "
              + request.getClass().getSimpleName()
              + " makes no sense: "
              + e.getOriginalMessage());
    }
  }

  private FrameStream stream(Endpoint endpoint, String name, Duration timeout) {
    FrameStream kept = takeIdle(endpoint);
    if (kept != null) {
      return kept;
    }
    try {
      Connection connection = dialer.connect(endpoint, Lane.CONTROL, timeout);
      return new FrameStream(connection, dialer.identity().rack(), ControlFrames.MAX_BODY_BYTES);
    } catch (HandshakeRefused e) {
      throw new ControlFault(
          ControlFault.Code.DENIED, endpoint + " refuses the connection: " + e.getMessage());
    } catch (IOException e) {
      throw unreachable(endpoint, name, e);
    }
  }

  private @Nullable FrameStream takeIdle(Endpoint endpoint) {
    synchronized (idle) {
      Iterator<Idle> newestFirst = idle.descendingIterator();
      while (newestFirst.hasNext()) {
        Idle kept = newestFirst.next();
        if (kept.endpoint().equals(endpoint)) {
          newestFirst.remove();
          if (kept.stream().isQuiet()) {
            return kept.stream();
          }
          kept.stream().close();
        }
      }
    }
    return null;
  }

  private void keep(Endpoint endpoint, FrameStream stream) {
    Idle dropped = null;
    synchronized (idle) {
      if (closed) {
        stream.close();
        return;
      }
      idle.addLast(new Idle(endpoint, stream));
      if (idle.size() > MAX_IDLE) {
        dropped = idle.removeFirst();
      }
    }
    if (dropped != null) {
      dropped.stream().close();
    }
  }

  private static ControlFault unreachable(Endpoint endpoint, String name, IOException e) {
    return new ControlFault(
        ControlFault.Code.UNREACHABLE, name + " to " + endpoint + " failed: " + e.getMessage());
  }

  private static Class<?> replyType(Class<?> requestType) {
    for (Type implemented : requestType.getGenericInterfaces()) {
      if (implemented instanceof ParameterizedType p
          && p.getRawType() == ControlRequest.class
          && p.getActualTypeArguments()[0] instanceof Class<?> reply) {
        return reply;
      }
    }
    throw new IllegalArgumentException(requestType + " does not say what answers it");
  }

  private record Idle(Endpoint endpoint, FrameStream stream) {}
}
