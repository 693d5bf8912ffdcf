package org.splitrack.pcomponent.internal.excache;

/** Frames collected for the writer, with what they held then. */
final class WriteBatch {
  static final int SIZE = 32;

  private final int[] pages = new int[SIZE];
  private final int[] frames = new int[SIZE];
  private final int[] versions = new int[SIZE];
  private int count;

  boolean isFull() {
    return count == SIZE;
  }

  boolean isEmpty() {
    return count == 0;
  }

  int count() {
    return count;
  }

  void add(int page, int frame, int version) {
    pages[count] = page;
    frames[count] = frame;
    versions[count] = version;
    count++;
  }

  int page(int index) {
    return pages[index];
  }

  int frame(int index) {
    return frames[index];
  }

  /** Counts the write-backs of the page, unsigned. */
  long version(int index) {
    return Integer.toUnsignedLong(versions[index]);
  }

  void clear() {
    count = 0;
  }
}
