package org.splitrack.pcomponent.internal.wasi;

/**
 * Makes sure that a program whose call stack is nearly used up does not run out of it halfway
 * through a change to what processes share: the overflow happens here, where nothing is changed,
 * and is the program's trap.
 */
final class StackHeadroom {
  /** Together some 100 KiB of stack; takes a few microseconds. */
  private static final int FRAMES = 1_000;

  private StackHeadroom() {}

  /**
   * Returns when there is room.
   *
   * @throws StackOverflowError when there is not
   */
  static void require() {
    if (descend(FRAMES, 1, 2, 3, 4, 5, 6, 7, 8) == 0) {
      throw new IllegalStateException("a sum of positive numbers is zero");
    }
  }

  /** The parameters change places, so that every frame has to keep them. */
  private static long descend(
      int frames, long a, long b, long c, long d, long e, long f, long g, long h) {
    if (frames == 0) {
      return a;
    }
    return descend(frames - 1, b, c, d, e, f, g, h, a) + (a ^ e);
  }
}
