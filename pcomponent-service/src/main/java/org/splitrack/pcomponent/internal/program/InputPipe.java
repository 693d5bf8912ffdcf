package org.splitrack.pcomponent.internal.program;

import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.splitrack.pcomponent.internal.wasi.StandardInput;

/**
 * Standard input on its way to a program, at most {@value #CAPACITY_BYTES} bytes of it: whoever
 * fills the pipe waits while it is full, and so stops reading from the network.
 *
 * <p>The lock is a {@link ReentrantLock} because its unlocking survives a program's stack overflow.
 */
final class InputPipe implements StandardInput {
  static final int CAPACITY_BYTES = 64 * 1024;

  private final ReentrantLock lock = new ReentrantLock();
  private final Condition readable = lock.newCondition();
  private final Condition writable = lock.newCondition();
  private byte[] ring = {};
  private long written;
  private long taken;
  private boolean ended;

  /**
   * Adds bytes as there is room; after the end they are dropped.
   *
   * @param timeoutNs how long to wait for room that is missing
   * @return how many were taken
   */
  int write(byte[] bytes, int offset, int length, long timeoutNs) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      if (ring.length == 0 && !ended) {
        ring = new byte[CAPACITY_BYTES];
      }
      int done = 0;
      long restNs = timeoutNs;
      while (done < length) {
        if (ended) {
          return length;
        }
        int at = (int) (written % CAPACITY_BYTES);
        int room = CAPACITY_BYTES - (int) (written - taken);
        int now = Math.min(Math.min(room, CAPACITY_BYTES - at), length - done);
        if (now == 0) {
          if (restNs <= 0) {
            return done;
          }
          restNs = writable.awaitNanos(restNs);
          continue;
        }
        System.arraycopy(bytes, offset + done, ring, at, now);
        done += now;
        written += now;
        readable.signalAll();
      }
      return done;
    } finally {
      lock.unlock();
    }
  }

  /** Nothing follows; who waits to read gets what is there and then the end. */
  void end() {
    lock.lock();
    try {
      ended = true;
      readable.signalAll();
      writable.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** Nobody reads any more: what is there and what follows is dropped. */
  void discard() {
    lock.lock();
    try {
      taken = written;
      ring = new byte[0];
      end();
    } finally {
      lock.unlock();
    }
  }

  @Override
  public int read(ByteBuffer into) throws InterruptedException {
    lock.lockInterruptibly();
    try {
      while (written == taken) {
        if (ended) {
          return -1;
        }
        readable.await();
      }
      int at = (int) (taken % CAPACITY_BYTES);
      int now = Math.min((int) (written - taken), CAPACITY_BYTES - at);
      now = Math.min(now, into.remaining());
      into.put(ring, at, now);
      taken += now;
      writable.signalAll();
      return now;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public int available() {
    lock.lock();
    try {
      int bytes = (int) (written - taken);
      return bytes == 0 && ended ? -1 : bytes;
    } finally {
      lock.unlock();
    }
  }

  @Override
  public boolean awaitReadable(long timeoutNs) throws InterruptedException {
    long deadlineNs = System.nanoTime() + timeoutNs;
    lock.lockInterruptibly();
    try {
      long restNs = timeoutNs;
      while (written == taken && !ended && restNs > 0) {
        readable.await(restNs, TimeUnit.NANOSECONDS);
        restNs = deadlineNs - System.nanoTime();
      }
      return written != taken || ended;
    } finally {
      lock.unlock();
    }
  }
}
