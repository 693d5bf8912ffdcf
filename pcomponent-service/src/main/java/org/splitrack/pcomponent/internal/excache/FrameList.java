package org.splitrack.pcomponent.internal.excache;

import static org.splitrack.pcomponent.internal.excache.FrameTable.NO_FRAME;

/** A queue of frames, linked through the {@link FrameTable}; a frame is in at most one. */
final class FrameList {
  /** In no list: being fetched, or being written back and unmapped. */
  static final byte NONE = 0;

  /** Mapped. */
  static final byte PROBATION = 1;

  /** Mapped, and found again after an earlier unmapping. */
  static final byte PROTECTED = 2;

  /** Unmapped, equal to the home's: may be taken. */
  static final byte CLEAN = 3;

  /** Unmapped, to be written back. */
  static final byte DIRTY = 4;

  /** Prefetched and not used yet; never mapped since. */
  static final byte AHEAD = 5;

  private final FrameTable frames;
  private final byte id;
  private int head = NO_FRAME;
  private int tail = NO_FRAME;
  private int count;

  FrameList(FrameTable frames, byte id) {
    this.frames = frames;
    this.id = id;
  }

  int count() {
    return count;
  }

  /** The frame that came first, or {@link FrameTable#NO_FRAME}. */
  int first() {
    return head;
  }

  void append(int frame) {
    enter(frame);
    frames.previous[frame] = tail;
    frames.next[frame] = NO_FRAME;
    if (tail == NO_FRAME) {
      head = frame;
    } else {
      frames.next[tail] = frame;
    }
    tail = frame;
  }

  void prepend(int frame) {
    enter(frame);
    frames.next[frame] = head;
    frames.previous[frame] = NO_FRAME;
    if (head == NO_FRAME) {
      tail = frame;
    } else {
      frames.previous[head] = frame;
    }
    head = frame;
  }

  void remove(int frame) {
    if (frames.list[frame] != id) {
      throw new IllegalStateException(
          "frame " + frame + " is in list " + frames.list[frame] + ", not " + id);
    }
    int before = frames.previous[frame];
    int after = frames.next[frame];
    if (before == NO_FRAME) {
      head = after;
    } else {
      frames.next[before] = after;
    }
    if (after == NO_FRAME) {
      tail = before;
    } else {
      frames.previous[after] = before;
    }
    frames.list[frame] = NONE;
    count--;
  }

  private void enter(int frame) {
    if (frames.list[frame] != NONE) {
      throw new IllegalStateException("frame " + frame + " is in list " + frames.list[frame]);
    }
    frames.list[frame] = id;
    count++;
  }
}
