package org.splitrack.pcomponent.internal.excache;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/**
 * The threads of one program and the rule that stands for a TLB shootdown. Every unmapping has a
 * number, the epoch. A thread that passes a poll, a fault or a blocking call takes note of the
 * epoch; an unmapping is settled when every thread that runs has noted a higher one, because a
 * thread looks up the page table anew for every access and keeps nothing over a poll. Guarded by
 * the space's lock, except for what a thread changes of itself (see {@link PollState}).
 */
final class ProgramThreads {
  /** More threads of one program are refused. */
  static final int MAX_THREADS = 256;

  private final List<PollState> members = new ArrayList<>();
  private final BitSet indices = new BitSet(MAX_THREADS);

  /** Written under the lock; read without it by a thread that leaves a blocking call. */
  private volatile long epoch = 1;

  /** Unmappings below this are known to be settled. */
  private long settledBelow;

  /** Threads have been asked to note unmappings below this. */
  private long askedBelow;

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
   * Registers a thread.
   *
   * @return an index that no other has now
   * @throws IllegalStateException when there are {@link #MAX_THREADS}
   */
  short add(PollState member) {
    int index = indices.nextClearBit(0);
    if (index >= MAX_THREADS) {
      throw new IllegalStateException("more than " + MAX_THREADS + " threads of one program");
    }
    indices.set(index);
    members.add(member);
    return (short) index;
  }

  void remove(PollState member, short index) {
    if (members.remove(member)) {
      indices.clear(index);
    }
  }

  int count() {
    return members.size();
  }

  /** Whether no thread can be within an access that began before the numbered unmapping. */
  boolean settled(long number) {
    if (number < settledBelow) {
      return true;
    }
    long lowest = epoch;
    for (int i = 0; i < members.size(); i++) {
      PollState member = members.get(i);
      if (!member.isQuiescent() && member.noted() < lowest) {
        lowest = member.noted();
      }
    }
    settledBelow = lowest;
    return number < lowest;
  }

  /** Has an unmapping settle soon; asked once for all that came before, however often called. */
  void askToSettle(long number) {
    if (number >= askedBelow) {
      askToNote();
    }
  }

  /** Makes every running thread that has not noted the present epoch pass its slow poll. */
  void askToNote() {
    askedBelow = epoch;
    for (int i = 0; i < members.size(); i++) {
      PollState member = members.get(i);
      if (!member.isQuiescent() && member.noted() < epoch) {
        member.callAttention();
      }
    }
  }

  void callAttentionOfAll() {
    for (int i = 0; i < members.size(); i++) {
      members.get(i).callAttention();
    }
  }
}
