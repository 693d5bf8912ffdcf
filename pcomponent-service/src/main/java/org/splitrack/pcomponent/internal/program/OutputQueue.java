package org.splitrack.pcomponent.internal.program;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;
import org.splitrack.pcomponent.internal.wasi.StandardOutput;

/**
 * What a program has written and nobody has taken yet, both streams in the order of writing: at
 * most {@value #CAPACITY_BYTES} bytes in at most {@value #MAX_RUNS} turns. The program waits while
 * it is full, so a slow reader costs time and never memory.
 *
 * <p>The lock is a {@link ReentrantLock} because its unlocking survives a program's stack overflow.
 */
final class OutputQueue {
  static final int CAPACITY_BYTES = 256 * 1024;
  static final int MAX_RUNS = 1024;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition filled = lock.newCondition();
  private final Condition emptied = lock.newCondition();
  private byte[] ring = {};
  private final ArrayDeque<Run> runs = new ArrayDeque<>();
  private long written;
  private long taken;
  private boolean ended;
  private boolean discarded;

  /** Standard output or standard error. */
  enum Stream {
    OUTPUT,
    ERROR
  }

  /** Successive bytes of one stream. */
  private static final class Run {
    private final Stream stream;
    private int bytes;

    private Run(Stream stream) {
      this.stream = stream;
    }
  }

  /** The program's end of one of the streams. */
  StandardOutput stream(Stream stream) {
    return bytes -> write(stream, bytes);
  }

  private void write(Stream stream, ByteBuffer bytes) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      if (ring.length == 0) {
        ring = new byte[CAPACITY_BYTES];
      }
      while (bytes.hasRemaining()) {
        if (discarded) {
          bytes.position(bytes.limit());
          return;
        }
        int at = (int) (written % CAPACITY_BYTES);
        int room = CAPACITY_BYTES - (int) (written - taken);
        int now = Math.min(Math.min(room, CAPACITY_BYTES - at), bytes.remaining());
        Run last = runs.peekLast();
        boolean continues = last != null && last.stream == stream;
        if (now == 0 || (!continues && runs.size() == MAX_RUNS)) {
          emptied.await();
          continue;
        }
        if (last == null || !continues) {
          last = new Run(stream);
          runs.addLast(last);
        }
        bytes.get(ring, at, now);
        last.bytes += now;
        written += now;
        filled.signal();
      }
    } finally {
      lock.unlock();
    }
  }

  /** What nobody has taken yet is forgotten, and so is what is written from now on. */
  void discard() {
    lock.lock();
    try {
      discarded = true;
      runs.clear();
      taken = written;
      emptied.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** The program has ended; what is left may still be taken. */
  void end() {
    lock.lock();
    try {
      ended = true;
      filled.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /**
   * Takes successive bytes of one stream, waiting for the first.
   *
   * @param into filled from its position on
   * @return the stream, or null when the program has ended and nothing is left
   */
  @Nullable Stream take(ByteBuffer into) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      Run first;
      while ((first = runs.peekFirst()) == null) {
        if (ended) {
          ring = new byte[0];
          return null;
        }
        filled.await();
      }
      int bytes = Math.min(first.bytes, into.remaining());
      int at = (int) (taken % CAPACITY_BYTES);
      int straight = Math.min(bytes, CAPACITY_BYTES - at);
      into.put(ring, at, straight);
      into.put(ring, 0, bytes - straight);
      taken += bytes;
      first.bytes -= bytes;
      if (first.bytes == 0) {
        runs.removeFirst();
      }
      emptied.signalAll();
      return first.stream;
    } finally {
      lock.unlock();
    }
  }
}
