package org.splitrack.pcomponent.internal.file;

/**
 * Which bytes of a block were written and are not on an sComponent yet: a few ranges that neither
 * touch nor overlap, in order. Exact to the byte, since another pComponent may write the bytes
 * between.
 */
final class DirtyRanges {
  static final int MAX_RANGES = 16;

  private final int[] starts = new int[MAX_RANGES + 1];
  private final int[] ends = new int[MAX_RANGES + 1];
  private int count;

  boolean isEmpty() {
    return count == 0;
  }

  int firstStart() {
    return starts[0];
  }

  int firstEnd() {
    return ends[0];
  }

  /**
   * Adds {@code [start, end)}.
   *
   * @return false, with nothing changed, when there would be too many ranges
   */
  boolean add(int start, int end) {
    int from = 0;
    while (from < count && ends[from] < start) {
      from++;
    }
    int to = from;
    while (to < count && starts[to] <= end) {
      to++;
    }
    if (from == to && count == MAX_RANGES) {
      return false;
    }
    int newStart = from == to ? start : Math.min(start, starts[from]);
    int newEnd = from == to ? end : Math.max(end, ends[to - 1]);
    System.arraycopy(starts, to, starts, from + 1, count - to);
    System.arraycopy(ends, to, ends, from + 1, count - to);
    starts[from] = newStart;
    ends[from] = newEnd;
    count += 1 - (to - from);
    return true;
  }

  /** Takes the first range away. */
  void removeFirst() {
    count--;
    System.arraycopy(starts, 1, starts, 0, count);
    System.arraycopy(ends, 1, ends, 0, count);
  }

  /** Takes away what is at or behind {@code end}. */
  void cut(int end) {
    while (count > 0 && starts[count - 1] >= end) {
      count--;
    }
    if (count > 0) {
      ends[count - 1] = Math.min(ends[count - 1], end);
    }
  }

  void clear() {
    count = 0;
  }
}
