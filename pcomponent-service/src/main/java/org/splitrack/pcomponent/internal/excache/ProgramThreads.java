package org.splitrack.pcomponent.internal.excache;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/**
 * The views of one address space and the rule that stands for a TLB shootdown. Every unmapping has
 * a number, the epoch. A thread that passes a poll, a fault or a blocking call takes note of the
 * epoch; an unmapping is settled when every thread that runs has noted a higher one, because a
 * thread looks up the page table anew for every access and keeps nothing over a poll. Guarded by
 * the space's lock, except for what a view changes of itself (see {@link PageView}).
 */
final class ProgramThreads {
  /** More threads of one program are refused. */
  static final int MAX_VIEWS = 256;

  private final List<PageView> views = new ArrayList<>();
  private final BitSet indices = new BitSet(MAX_VIEWS);

  /** Written under the lock; read without it by a view that leaves a blocking call. */
  private volatile long epoch = 1;

  /** Unmappings below this are known to be settled. */
  private long settledBelow;

  long epoch() {
    return epoch;
  }

  /** Numbers an unmapping, whose page-table entries have been cleared before. */
  long advance() {
    long number = epoch;
    epoch = number + 1;
    return number;
  }

  /**
   * Registers a view.
   *
   * @return an index that no other view has now
   * @throws IllegalStateException when there are {@link #MAX_VIEWS}
   */
  short add(PageView view) {
    int index = indices.nextClearBit(0);
    if (index >= MAX_VIEWS) {
      throw new IllegalStateException("more than " + MAX_VIEWS + " threads of one program");
    }
    indices.set(index);
    views.add(view);
    return (short) index;
  }

  void remove(PageView view) {
    if (views.remove(view)) {
      indices.clear(view.index());
    }
  }

  int count() {
    return views.size();
  }

  /** Whether no thread can be within an access that began before the numbered unmapping. */
  boolean settled(long number) {
    if (number < settledBelow) {
      return true;
    }
    long lowest = epoch;
    for (int i = 0; i < views.size(); i++) {
      PageView view = views.get(i);
      if (!view.isQuiescent() && view.noted() < lowest) {
        lowest = view.noted();
      }
    }
    settledBelow = lowest;
    return number < lowest;
  }

  /** Makes every running thread that has not noted the present epoch pass its slow poll. */
  void askToNote() {
    for (int i = 0; i < views.size(); i++) {
      PageView view = views.get(i);
      if (!view.isQuiescent() && view.noted() < epoch) {
        view.callAttention();
      }
    }
  }

  void callAttentionOfAll() {
    for (int i = 0; i < views.size(); i++) {
      views.get(i).callAttention();
    }
  }

  /** Ends waits, blocking calls and interpreted functions, which do not look at attention. */
  void interruptAll() {
    for (int i = 0; i < views.size(); i++) {
      views.get(i).interrupt();
    }
  }
}
