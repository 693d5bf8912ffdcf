package org.splitrack.mcomponent.internal.store;

import static org.splitrack.fabric.PageGeometry.PAGE_BYTES;

import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import org.splitrack.fabric.memory.FramePool;

/**
 * The frames that hold no page. A freed one holds a dead program's bytes until it is zeroed, in
 * idle moments by {@link #zeroSome} or at the latest when it is taken.
 */
final class FreeFrames {
  private static final MemorySegment ZEROS = MemorySegment.ofArray(new long[PAGE_BYTES / 8]);

  private final FramePool pool;
  private final Stack zeroed = new Stack();
  private final Stack dirty = new Stack();
  private int neverUsedFrom;

  FreeFrames(FramePool pool) {
    this.pool = pool;
  }

  int count() {
    return zeroed.size + dirty.size + pool.frameCount() - neverUsedFrom;
  }

  /** A zeroed frame; those that the system has given already come first. */
  int take() {
    if (zeroed.size > 0) {
      return zeroed.pop();
    }
    if (dirty.size > 0) {
      int frame = dirty.pop();
      zero(frame);
      return frame;
    }
    if (neverUsedFrom == pool.frameCount()) {
      throw new IllegalStateException("more pages are written than were reserved");
    }
    return neverUsedFrom++;
  }

  void give(int frame) {
    dirty.push(frame);
  }

  /** Zeroes at most {@code most} frames; returns how many. */
  int zeroSome(int most) {
    int done = 0;
    while (done < most && dirty.size > 0) {
      int frame = dirty.pop();
      zero(frame);
      zeroed.push(frame);
      done++;
    }
    return done;
  }

  boolean hasDirty() {
    return dirty.size > 0;
  }

  private void zero(int frame) {
    MemorySegment.copy(ZEROS, 0, pool.memory(), (long) frame * PAGE_BYTES, PAGE_BYTES);
  }

  private static final class Stack {
    private int[] frames = new int[1024];
    private int size;

    void push(int frame) {
      if (size == frames.length) {
        frames = Arrays.copyOf(frames, size * 2);
      }
      frames[size++] = frame;
    }

    int pop() {
      return frames[--size];
    }
  }
}
