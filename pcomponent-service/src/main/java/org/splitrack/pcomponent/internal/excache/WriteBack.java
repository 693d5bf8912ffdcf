package org.splitrack.pcomponent.internal.excache;

import java.util.concurrent.locks.LockSupport;
import org.splitrack.fabric.memory.PageWriter;

/**
 * The thread that writes one process's dirty pages back, in batches and ahead of need, so that a
 * miss finds clean frames and does not wait. It sleeps unless a batch is due, a thread waits for a
 * frame, or the process holds more frames than it may.
 */
final class WriteBack implements PageWriter.Completions {
  private static final long POLL_NS = 1_000_000;

  /** It looks by itself so often, also when nobody woke it. */
  private static final long SLEEP_NS = 100_000_000;

  /** Dirty frames that some thread may still be storing to settle within this. */
  private static final long SETTLE_NS = 50_000;

  private static final long JOIN_MS = 10_000;

  private final AddressSpace space;
  private final Thread thread;
  private final WriteBatch batch = new WriteBatch();
  private volatile boolean asleep;
  private volatile boolean closed;

  WriteBack(AddressSpace space, String name) {
    this.space = space;
    thread = Thread.ofPlatform().name("write-back-" + name).daemon().unstarted(this::run);
  }

  void start() {
    thread.start();
  }

  /** Ends the sleep, if it sleeps; any thread. */
  void wake() {
    if (asleep) {
      asleep = false;
      LockSupport.unpark(thread);
    }
  }

  /** Ends the thread; what has not been written is not. */
  void close() {
    closed = true;
    LockSupport.unpark(thread);
    try {
      thread.join(JOIN_MS);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
    }
    if (thread.isAlive()) {
      throw new IllegalStateException(thread.getName() + " did not end: its frames stay taken");
    }
  }

  private void run() {
    try (PageWriter writer = space.links().newWriter()) {
      while (!closed) {
        turn(writer);
      }
    } catch (Throwable broken) {
      if (!closed) {
        space.fail(broken);
      }
    }
  }

  private void turn(PageWriter writer) {
    batch.clear();
    space.collect(batch);
    if (!batch.isEmpty()) {
      send(writer);
    }
    if (writer.inFlight() > 0) {
      writer.poll(batch.isFull() ? 0 : POLL_NS, this);
    } else if (batch.isEmpty()) {
      sleep();
    }
  }

  private void send(PageWriter writer) {
    FrameTable frames = space.frames();
    for (int i = 0; i < batch.count(); i++) {
      int frame = batch.frame(i);
      boolean zero = AbsoluteMemory.isZeroPage(frames.pool.address(frame));
      frames.sentZero[frame] = zero;
      while (!writer.write(batch.page(i), frame, batch.version(i), zero)) {
        writer.flush();
        writer.poll(POLL_NS, this);
        if (closed) {
          return;
        }
      }
    }
    writer.flush();
  }

  private void sleep() {
    asleep = true;
    // Looked at after the flag was set: whoever makes work after this look sees the flag.
    if (closed) {
      return;
    }
    LockSupport.parkNanos(this, space.isWriteBackDue() ? SETTLE_NS : SLEEP_NS);
    asleep = false;
  }

  @Override
  public void written(int pageNumber, int frame, long version) {
    space.written(frame, space.frames().sentZero[frame]);
  }

  @Override
  public void writeFailed(int pageNumber, int frame, long version) {
    space.writeFailed(frame);
  }
}
