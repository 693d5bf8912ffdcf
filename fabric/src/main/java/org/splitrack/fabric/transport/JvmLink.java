package org.splitrack.fabric.transport;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.ClosedChannelException;
import java.util.concurrent.CompletableFuture;

/** One end of a link within this JVM. */
final class JvmLink implements Link {
  private final ByteRing in;
  private final ByteRing out;
  private final CompletableFuture<Void> closed = new CompletableFuture<>();
  private volatile boolean blocking = true;

  JvmLink(ByteRing in, ByteRing out) {
    this.in = in;
    this.out = out;
  }

  @Override
  public int read(ByteBuffer target) throws IOException {
    while (true) {
      requireOpen();
      int count = in.read(target);
      if (count != 0 || !blocking || !target.hasRemaining()) {
        return count;
      }
      in.reader().await(in::hasBytesOrEnd, Long.MAX_VALUE / 2);
      closeIfInterrupted();
    }
  }

  @Override
  public int write(ByteBuffer source) throws IOException {
    int total = 0;
    while (true) {
      requireOpen();
      int count = out.write(source);
      if (count < 0) {
        throw new IOException("the other end has closed");
      }
      total += count;
      if (!blocking || !source.hasRemaining()) {
        return total;
      }
      out.writer().await(out::hasRoomOrEnd, Long.MAX_VALUE / 2);
      closeIfInterrupted();
    }
  }

  /** Sends wake-ups of this end to {@code signal} from now on. */
  void wake(Signal signal) {
    in.reader(signal);
    out.writer(signal);
  }

  boolean canReadOrEnd() {
    return closed.isDone() || in.hasBytesOrEnd();
  }

  boolean canWriteOrEnd() {
    return closed.isDone() || out.hasRoomOrEnd();
  }

  @Override
  public void blocking(boolean wanted) {
    blocking = wanted;
  }

  @Override
  public boolean isOpen() {
    return !closed.isDone();
  }

  @Override
  public void onClose(Runnable action) {
    var _ = closed.thenRun(action);
  }

  @Override
  public void close() {
    // Completed first: a thread that is woken must find this end closed.
    boolean first = closed.complete(null);
    if (first) {
      in.close();
      out.close();
    }
  }

  private void requireOpen() throws ClosedChannelException {
    if (closed.isDone()) {
      throw new ClosedChannelException();
    }
  }

  private void closeIfInterrupted() throws ClosedByInterruptException {
    if (Thread.currentThread().isInterrupted()) {
      close();
      throw new ClosedByInterruptException();
    }
  }
}
