package org.splitrack.fabric.storage;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import org.splitrack.fabric.ComponentId;
import org.splitrack.fabric.Endpoint;
import org.splitrack.fabric.transport.Connection;
import org.splitrack.fabric.transport.Dialer;
import org.splitrack.fabric.transport.FrameStream;
import org.splitrack.fabric.wire.FrameFault;
import org.splitrack.fabric.wire.FrameHeader;
import org.splitrack.fabric.wire.Lane;
import org.splitrack.fabric.wire.MessageType;
import org.splitrack.fabric.wire.Status;

/**
 * One connection to an sComponent. Callers on any thread send and wait; one thread takes the
 * answers, which come in any order, and puts what was read where its caller wants it. Whoever waits
 * too long closes the connection for all: then nobody's buffer is written any more.
 */
final class StorageConnection implements AutoCloseable {
  private static final int MAX_MESSAGE_BYTES = 1024;
  private static final ByteBuffer[] NOTHING = {};

  private final FrameStream stream;
  private final Map<Long, Exchange> waiting = new ConcurrentHashMap<>();
  private final AtomicLong sequences = new AtomicLong();
  private final Semaphore inFlight = new Semaphore(StorageGeometry.MAX_IN_FLIGHT);
  private volatile boolean closed;

  private StorageConnection(FrameStream stream) {
    this.stream = stream;
  }

  /** Connects to {@code component}; refuses whoever else listens there by now. */
  static StorageConnection open(
      Dialer dialer, Endpoint endpoint, ComponentId component, Duration timeout)
      throws IOException {
    Connection connection = dialer.connect(endpoint, Lane.STORAGE, timeout);
    if (!connection.peer().component().equals(component)) {
      connection.close();
      throw new IOException(connection.peer().component() + " listens on " + endpoint);
    }
    StorageConnection opened =
        new StorageConnection(
            new FrameStream(
                connection, dialer.identity().rack(), StorageGeometry.MAX_TRANSFER_BYTES));
    Thread.ofVirtual().name("storage-answers").start(opened::takeAnswers);
    return opened;
  }

  boolean isClosed() {
    return closed;
  }

  /** Fills the buffers, with zeros where the extent ends before. */
  Reply read(long extent, int offset, ByteBuffer[] into, long deadlineNs) throws IOException {
    int length = remaining(into);
    ByteBuffer header = stream.newHeader(MessageType.READ_EXTENT);
    FrameHeader.subject(header, 0, extent);
    FrameHeader.pageVersion(header, 0, offset);
    FrameHeader.page(header, 0, length);
    return exchange(header, NOTHING, into, deadlineNs);
  }

  Reply write(long extent, int offset, ByteBuffer[] from, long deadlineNs) throws IOException {
    ByteBuffer header = stream.newHeader(MessageType.WRITE_EXTENT);
    FrameHeader.subject(header, 0, extent);
    FrameHeader.pageVersion(header, 0, offset);
    FrameHeader.page(header, 0, remaining(from));
    return exchange(header, from, NOTHING, deadlineNs);
  }

  Reply sync(long extent, long deadlineNs) throws IOException {
    ByteBuffer header = stream.newHeader(MessageType.SYNC_EXTENT);
    FrameHeader.subject(header, 0, extent);
    return exchange(header, NOTHING, NOTHING, deadlineNs);
  }

  @Override
  public void close() {
    closed = true;
    stream.close();
  }

  /**
   * An answer.
   *
   * @param generation of the sComponent's disk: what was written, but not synced, in another
   *     generation may be lost
   */
  record Reply(Status status, long generation, String message) {}

  private Reply exchange(ByteBuffer header, ByteBuffer[] body, ByteBuffer[] into, long deadlineNs)
      throws IOException {
    if (!tryEnter(deadlineNs)) {
      throw new IOException("too many requests wait for their answer");
    }
    long sequence = sequences.incrementAndGet();
    Exchange exchange = new Exchange(into);
    waiting.put(sequence, exchange);
    try {
      if (closed) {
        throw new IOException("the connection is closed");
      }
      FrameHeader.sequence(header, 0, sequence);
      FrameHeader.bootId(header, 0, stream.connection().peer().boot().value());
      stream.send(header, body);
      return await(exchange, deadlineNs);
    } catch (IOException e) {
      close();
      throw e;
    } finally {
      waiting.remove(sequence);
      inFlight.release();
    }
  }

  private boolean tryEnter(long deadlineNs) throws IOException {
    try {
      return inFlight.tryAcquire(deadlineNs - System.nanoTime(), TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    }
  }

  private Reply await(Exchange exchange, long deadlineNs) throws IOException {
    try {
      return exchange.reply.get(deadlineNs - System.nanoTime(), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      throw abandoned(exchange, new IOException("no answer in time", e));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw abandoned(exchange, new IOException("interrupted", e));
    } catch (ExecutionException e) {
      throw new IOException(e.getCause());
    }
  }

  /** Closes, and waits until the answering thread has let go of the buffers. */
  private IOException abandoned(Exchange exchange, IOException why) {
    close();
    exchange.reply.exceptionally(e -> new Reply(Status.FAILED, 0, "")).join();
    return why;
  }

  private void takeAnswers() {
    IOException end = new IOException("the sComponent closed the connection");
    try {
      while (stream.next()) {
        takeAnswer();
      }
    } catch (IOException e) {
      end = e;
    } finally {
      close();
      for (Exchange exchange : waiting.values()) {
        exchange.reply.completeExceptionally(end);
      }
    }
  }

  private void takeAnswer() throws IOException {
    ByteBuffer header = stream.header();
    if ((FrameHeader.type(header, 0) & MessageType.REPLY) == 0) {
      throw new FrameFault(
          FrameFault.Reason.UNKNOWN_TYPE, "type " + FrameHeader.type(header, 0) + " is no reply");
    }
    Exchange exchange = waiting.get(FrameHeader.sequence(header, 0));
    if (exchange == null) {
      return;
    }
    Status status = FrameHeader.status(header, 0);
    String message = "";
    if (status == Status.OK) {
      fill(exchange.into);
    } else {
      int length = Math.min(stream.bodyRemaining(), MAX_MESSAGE_BYTES);
      message = new String(stream.read(length), StandardCharsets.UTF_8);
    }
    exchange.reply.complete(new Reply(status, FrameHeader.epoch(header, 0), message));
  }

  private void fill(ByteBuffer[] into) throws IOException {
    if (stream.bodyRemaining() > remaining(into)) {
      throw new FrameFault(
          FrameFault.Reason.TOO_LONG, stream.bodyRemaining() + " bytes were not asked for");
    }
    for (ByteBuffer target : into) {
      int limit = target.limit();
      target.limit(target.position() + Math.min(target.remaining(), stream.bodyRemaining()));
      stream.read(target);
      target.limit(limit);
      while (target.hasRemaining()) {
        target.put((byte) 0);
      }
    }
  }

  private static int remaining(ByteBuffer[] buffers) {
    int remaining = 0;
    for (ByteBuffer buffer : buffers) {
      remaining += buffer.remaining();
    }
    if (remaining > StorageGeometry.MAX_TRANSFER_BYTES) {
      throw new IllegalArgumentException(
          remaining + " bytes are more than " + StorageGeometry.MAX_TRANSFER_BYTES);
    }
    return remaining;
  }

  private static final class Exchange {
    final ByteBuffer[] into;
    final CompletableFuture<Reply> reply = new CompletableFuture<>();

    Exchange(ByteBuffer[] into) {
      this.into = into;
    }
  }
}
