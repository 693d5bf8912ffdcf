package org.splitrack.cli.internal.command;

import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;

/**
 * Input that can be read again from its beginning, for a program that is started again; as long as
 * no more than {@link #LIMIT_BYTES} of it have been read. Each reader has its own place in it.
 */
final class RememberedInput {
  static final int LIMIT_BYTES = 4 << 20;

  private final InputStream source;
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

  /** A reader that waits for the source keeps others waiting; what it gets they get too. */
  private synchronized int read(int position, byte[] buffer, int offset, int length)
      throws IOException {
    if (position < seenBytes) {
      int count = Math.min(length, seenBytes - position);
      System.arraycopy(seen, position, buffer, offset, count);
      return count;
    }
    if (ended) {
      return -1;
    }
    int count = source.read(buffer, offset, length);
    if (count < 0) {
      ended = true;
    } else {
      remember(buffer, offset, count);
    }
    return count;
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
      int count = RememberedInput.this.read(position, buffer, offset, length);
      if (count > 0) {
        position += count;
      }
      return count;
    }
  }
}
