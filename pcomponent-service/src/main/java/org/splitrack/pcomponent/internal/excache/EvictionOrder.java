package org.splitrack.pcomponent.internal.excache;

import static org.splitrack.pcomponent.internal.excache.FrameTable.NO_FRAME;

import java.util.SplittableRandom;

/** The mapped frames of one address space, and which of them is to be unmapped next. */
abstract sealed class EvictionOrder {
  final FrameTable frames;

  private EvictionOrder(FrameTable frames) {
    this.frames = frames;
  }

  static EvictionOrder of(Eviction eviction, FrameTable frames) {
    return switch (eviction) {
      case CLOCK -> new Clock(frames);
      case FIFO -> new Fifo(frames);
      case RANDOM -> new Random(frames);
    };
  }

  /**
   * A page has come and is mapped.
   *
   * @param missed it left not long ago: had the cache been a little larger, it would be here
   */
  abstract void arrived(int frame, boolean missed);

  /** A page was unmapped, and accessed again before its frame was taken. */
  abstract void foundAgain(int frame);

  /** Takes out the frame to be unmapped next; {@link FrameTable#NO_FRAME} when none is mapped. */
  abstract int victim();

  abstract void remove(int frame);

  /** Mapped frames. */
  abstract int count();

  /**
   * Second chance. The reference bit is the unmapping itself: a page that is used is mapped again
   * before its frame is taken. New pages are on probation; those found again, or missed soon after
   * they left, are protected. So a sweep over more pages than fit passes through probation and
   * leaves the others alone.
   */
  private static final class Clock extends EvictionOrder {
    /** One mapped frame in so many is left to probation. */
    private static final int PROBATION_SHARE = 4;

    private final FrameList probation;
    private final FrameList guarded;

    Clock(FrameTable frames) {
      super(frames);
      probation = new FrameList(frames, FrameList.PROBATION);
      guarded = new FrameList(frames, FrameList.PROTECTED);
    }

    @Override
    void arrived(int frame, boolean missed) {
      (missed ? guarded : probation).append(frame);
    }

    @Override
    void foundAgain(int frame) {
      guarded.append(frame);
    }

    @Override
    int victim() {
      boolean fromProbation = probation.count() * PROBATION_SHARE > count() || guarded.count() == 0;
      FrameList list = fromProbation ? probation : guarded;
      int frame = list.first();
      if (frame != NO_FRAME) {
        list.remove(frame);
      }
      return frame;
    }

    @Override
    void remove(int frame) {
      (frames.list[frame] == FrameList.PROBATION ? probation : guarded).remove(frame);
    }

    @Override
    int count() {
      return probation.count() + guarded.count();
    }
  }

  /** First in, first out; a page that is found again goes next. */
  private static final class Fifo extends EvictionOrder {
    private final FrameList arrivals;

    Fifo(FrameTable frames) {
      super(frames);
      arrivals = new FrameList(frames, FrameList.PROBATION);
    }

    @Override
    void arrived(int frame, boolean missed) {
      arrivals.append(frame);
    }

    @Override
    void foundAgain(int frame) {
      arrivals.prepend(frame);
    }

    @Override
    int victim() {
      int frame = arrivals.first();
      if (frame != NO_FRAME) {
        arrivals.remove(frame);
      }
      return frame;
    }

    @Override
    void remove(int frame) {
      arrivals.remove(frame);
    }

    @Override
    int count() {
      return arrivals.count();
    }
  }

  /** Any mapped frame. A dense array; a frame's place in it is kept in the table's links. */
  private static final class Random extends EvictionOrder {
    private final SplittableRandom random = new SplittableRandom(42);
    private final int[] mapped;
    private int count;

    Random(FrameTable frames) {
      super(frames);
      mapped = new int[frames.pool.frameCount()];
    }

    @Override
    void arrived(int frame, boolean missed) {
      if (frames.list[frame] != FrameList.NONE) {
        throw new IllegalStateException("frame " + frame + " is in list " + frames.list[frame]);
      }
      frames.list[frame] = FrameList.PROBATION;
      frames.next[frame] = count;
      mapped[count++] = frame;
    }

    @Override
    void foundAgain(int frame) {
      arrived(frame, false);
    }

    @Override
    int victim() {
      if (count == 0) {
        return NO_FRAME;
      }
      int frame = mapped[random.nextInt(count)];
      remove(frame);
      return frame;
    }

    @Override
    void remove(int frame) {
      if (frames.list[frame] != FrameList.PROBATION) {
        throw new IllegalStateException("frame " + frame + " is in list " + frames.list[frame]);
      }
      int last = mapped[--count];
      int at = frames.next[frame];
      mapped[at] = last;
      frames.next[last] = at;
      frames.list[frame] = FrameList.NONE;
    }

    @Override
    int count() {
      return count;
    }
  }
}
