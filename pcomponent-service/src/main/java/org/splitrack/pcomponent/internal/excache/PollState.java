package org.splitrack.pcomponent.internal.excache;

import java.lang.invoke.VarHandle;

/**
 * How far one program thread has come, as the others have to know it before they use a frame again
 * that it may be accessing: see {@link ProgramThreads}. The thread itself changes it; what others
 * set is only {@link #callAttention}.
 */
abstract class PollState {
  /** Volatile, so that no loop of a program can go on without looking at it. */
  private volatile boolean called;

  /** Within a fault or a blocking call: in no access, and will look up anew after it. */
  private volatile boolean quiescent = true;

  /** The epoch that was current at the last poll, fault or blocking call. */
  private volatile long noted;

  /** Whether the thread is to take its slow poll. */
  protected final boolean isCalled() {
    return called;
  }

  final void callAttention() {
    called = true;
  }

  final void attentionGiven() {
    called = false;
  }

  final boolean isQuiescent() {
    return quiescent;
  }

  final long noted() {
    return noted;
  }

  /** The thread is in no access now; under the space's lock. */
  final void note(long epoch) {
    noted = epoch;
  }

  /** Until {@link #goOn} or {@link #goOnUnlocked} the thread accesses nothing. */
  final void rest() {
    quiescent = true;
  }

  /** Ends the rest, under the space's lock. */
  final void goOn(long epoch) {
    noted = epoch;
    quiescent = false;
  }

  /** Ends the rest without the lock. */
  final void goOnUnlocked(ProgramThreads threads) {
    quiescent = false;
    // Pairs with the clearing of entries before quiescent is looked at: either the thread that
    // unmaps sees this one running, or this one sees what was unmapped.
    VarHandle.fullFence();
    noted = threads.epoch();
  }
}
