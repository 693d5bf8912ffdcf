package org.splitrack.pcomponent.internal.file;

/**
 * Decides, for one open file, how far to fetch ahead: nothing while reads jump; a window that
 * doubles while each read begins where the last one ended. Safe from any thread.
 */
final class ReadAhead {
  static final int MIN_WINDOW_BYTES = 256 * 1024;
  static final int MAX_WINDOW_BYTES = 2 * 1024 * 1024;

  private long expectedOffset;
  private long fetchedTo;
  private int windowBytes;

  /** Fetch {@code [from, to)}; nothing when they are equal. */
  record Range(long from, long to) {
    static final Range NOTHING = new Range(0, 0);

    boolean isEmpty() {
      return from == to;
    }
  }

  /** A read of so many bytes is about to be made. */
  synchronized Range before(long offset, long length) {
    if (offset == expectedOffset) {
      windowBytes = Math.clamp(2L * windowBytes, MIN_WINDOW_BYTES, MAX_WINDOW_BYTES);
    } else {
      windowBytes = 0;
    }
    expectedOffset = offset + length;
    if (windowBytes == 0) {
      fetchedTo = offset;
      return Range.NOTHING;
    }
    long end = Math.min(offset + length, offset + MAX_WINDOW_BYTES);
    if (fetchedTo >= end + windowBytes / 2) {
      return Range.NOTHING;
    }
    Range range = new Range(Math.max(fetchedTo, offset), end + windowBytes);
    fetchedTo = range.to();
    return range;
  }

  /** How many blocks to fetch at once where one is missing. */
  synchronized int runBlocks() {
    return windowBytes == 0 ? 1 : Math.max(1, MIN_WINDOW_BYTES / Block.BYTES);
  }
}
