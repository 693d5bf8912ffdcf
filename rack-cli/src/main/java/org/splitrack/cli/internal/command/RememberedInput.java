package org.splitrack.cli.internal.command;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Input that can be read again from its beginning, for a program that is started again; as long as
 * no more than {@link #LIMIT_BYTES} of it have been read. Each reader has its own place in it.
 */
final class RememberedInput {
  static final int LIMIT_BYTES = 4 << 20;

  /** The source has to be asked. */
  private static final int UNKNOWN = -2;

  private final InputStream source;

  /** Held by the one who waits for the source; nothing else waits for it. */
  private final ReentrantLock reading = new ReentrantLock();

  // Guarded by this.
  private byte[] seen = new byte[1 << 13];
  private int seenBytes;
  private boolean whole = true;
  private boolean ended;

  RememberedInput(InputStream source) {
    this.source = source;
  }

  /** Whether a new reader would see all of it. */
  synchronized boolean isWhole() {
    return whole;
  }

  /** A reader of its own; readers may be on different threads. */
  InputStream fromTheBeginning() {
    return new Reader();
  }

  /**
   * What a reader that waits for the source gets, others get too; what was read before, at once.
   */
  private int read(int position, byte[] buffer, int offset, int length) throws IOException {
    int count = recall(position, buffer, offset, length);
    if (count != UNKNOWN) {
      return count;
    }
    reading.lock();
    try {
      // Somebody else may have waited for it.
      count = recall(position, buffer, offset, length);
      if (count == UNKNOWN) {
        count = source.read(buffer, offset, length);
        note(buffer, offset, count);
      }
      return count;
    } finally {
      reading.unlock();
    }
  }

  private synchronized int recall(int position, byte[] buffer, int offset, int length) {
    if (position < seenBytes) {
      int count = Math.min(length, seenBytes - position);
      System.arraycopy(seen, position, buffer, offset, count);
      return count;
    }
    return ended ? -1 : UNKNOWN;
  }

  private synchronized void note(byte[] buffer, int offset, int count) {
    if (count < 0) {
      ended = true;
    } else {
      remember(buffer, offset, count);
    }
  }

  private void remember(byte[] buffer, int offset, int count) {
    if (!whole || seenBytes + count > LIMIT_BYTES) {
      whole = false;
      seen = new byte[0];
      seenBytes = 0;
      return;
    }
    if (seenBytes + count > seen.length) {
      seen = Arrays.copyOf(seen, Math.max(2 * seen.length, seenBytes + count));
    }
    System.arraycopy(buffer, offset, seen, seenBytes, count);
    seenBytes += count;
  }

  private final class Reader extends InputStream {
    private int position;

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
      if (length == 0) {
        return 0;
      }
      int count = RememberedInput.this.read(position, buffer, offset, length);
      if (count > 0) {
        position += count;
      }
      return count;
    }
  }
}
