package org.splitrack.fabric.region;

/**
 * Pages that a home has sent to its members and that not all have acknowledged, in a ring by
 * sequence, with the requests that wait for them. Members are bits of a mask. Allocates nothing
 * after construction.
 */
final class ReplicationWindow {
  /** Pages that are sent and not acknowledged by all members, at most. A power of two. */
  static final int CAPACITY = 256;

  /** Requests that wait, at most. */
  static final int MAX_WAITERS = 512;

  private static final int RING_MASK = CAPACITY - 1;
  private static final int NONE = -1;

  private final int[] pages = new int[CAPACITY];
  private final long[] versions = new long[CAPACITY];
  private final int[] pending = new int[CAPACITY];
  private final int[] unsent = new int[CAPACITY];
  private final int[] openedTick = new int[CAPACITY];
  private final int[] sentTick = new int[CAPACITY];
  private final boolean[] live = new boolean[CAPACITY];
  private final int[] firstWaiter = new int[CAPACITY];
  private final int[] nextWaiter = new int[MAX_WAITERS];
  private final long[] origins = new long[MAX_WAITERS];
  private final long[] sequences = new long[MAX_WAITERS];
  private final boolean[] writes = new boolean[MAX_WAITERS];
  private final int[] waiterPages = new int[MAX_WAITERS];
  private int freeWaiter;
  private long head;
  private long next;
  private int copying;
  private int waitMask;

  /** Write-backs are held until there are copies enough, in no entry: they take no room. */
  private boolean blocked;

  private int firstBlocked = NONE;

  ReplicationWindow() {
    for (int i = 0; i < MAX_WAITERS; i++) {
      nextWaiter[i] = i + 1 < MAX_WAITERS ? i + 1 : NONE;
    }
  }

  /** Called for each request that need not wait any longer. */
  interface Release {
    void released(long origin, long sequence, int page, boolean write);
  }

  boolean isEmpty() {
    return head == next;
  }

  boolean hasRoom() {
    return next - head < CAPACITY;
  }

  boolean hasRoomToWait() {
    return freeWaiter != NONE;
  }

  int size() {
    return (int) (next - head);
  }

  long head() {
    return head;
  }

  long next() {
    return next;
  }

  /** Entries of the copy to a learner that are open. */
  int copying() {
    return copying;
  }

  int page(long sequence) {
    return pages[slot(sequence)];
  }

  int pending(long sequence) {
    return pending[slot(sequence)];
  }

  int unsent(long sequence) {
    return unsent[slot(sequence)];
  }

  int sentTick(long sequence) {
    return sentTick[slot(sequence)];
  }

  int openedTick(long sequence) {
    return openedTick[slot(sequence)];
  }

  /**
   * Opens an entry; there must be room.
   *
   * @param members who has to acknowledge
   * @param isLive a write-back, which requests wait for; else part of the copy to a learner
   * @return its sequence
   */
  long open(int page, long version, int members, boolean isLive, int tick) {
    int slot = slot(next);
    pages[slot] = page;
    versions[slot] = version;
    pending[slot] = members;
    unsent[slot] = members;
    openedTick[slot] = tick;
    sentTick[slot] = tick;
    live[slot] = isLive;
    firstWaiter[slot] = NONE;
    if (!isLive) {
      copying++;
    }
    return next++;
  }

  void markSent(long sequence, int member, int tick) {
    unsent[slot(sequence)] &= ~member;
    sentTick[slot(sequence)] = tick;
  }

  void markUnsent(long sequence, int member) {
    unsent[slot(sequence)] |= pending[slot(sequence)] & member;
  }

  void markAllUnsent(int member) {
    for (long sequence = head; sequence < next; sequence++) {
      markUnsent(sequence, member);
    }
  }

  /** The newest write-back of the page that has to be waited for; -1 when there is none. */
  long newestAwaited(int page) {
    for (long sequence = next - 1; sequence >= head; sequence--) {
      int slot = slot(sequence);
      if (pages[slot] == page && live[slot] && (pending[slot] & waitMask) != 0) {
        return sequence;
      }
    }
    return NONE;
  }

  /** Has a request wait for an entry; there must be room to wait. */
  void await(long entry, long origin, long sequence, boolean write) {
    int slot = slot(entry);
    int waiter = takeWaiter(origin, sequence, pages[slot], write);
    nextWaiter[waiter] = firstWaiter[slot];
    firstWaiter[slot] = waiter;
  }

  /** Has a write-back that all members have wait while it is blocked; there must be room to. */
  void awaitCopies(long origin, long sequence, int page) {
    block(takeWaiter(origin, sequence, page, true));
  }

  private void block(int waiter) {
    nextWaiter[waiter] = firstBlocked;
    firstBlocked = waiter;
  }

  private int takeWaiter(long origin, long sequence, int page, boolean write) {
    int waiter = freeWaiter;
    freeWaiter = nextWaiter[waiter];
    origins[waiter] = origin;
    sequences[waiter] = sequence;
    waiterPages[waiter] = page;
    writes[waiter] = write;
    return waiter;
  }

  private void free(int waiter, Release release) {
    nextWaiter[waiter] = freeWaiter;
    freeWaiter = waiter;
    release.released(origins[waiter], sequences[waiter], waiterPages[waiter], writes[waiter]);
  }

  /** Whether the entry is open, waits for that member and is satisfied with that version. */
  boolean isAwaited(long sequence, int member, long version) {
    return sequence >= head
        && sequence < next
        && (pending[slot(sequence)] & member) != 0
        && version >= versions[slot(sequence)];
  }

  void acknowledge(long sequence, int member, Release release) {
    pending[slot(sequence)] &= ~member;
    settle(sequence, release);
    advance();
  }

  /**
   * Follows a change of members.
   *
   * @param kept bits that still count
   * @param newWaitMask bits that requests wait for
   * @param newBlocked write-backs wait besides until there are copies enough
   */
  void reconfigure(int kept, int newWaitMask, boolean newBlocked, Release release) {
    waitMask = newWaitMask;
    blocked = newBlocked;
    for (long sequence = head; sequence < next; sequence++) {
      int slot = slot(sequence);
      pending[slot] &= kept;
      unsent[slot] &= kept;
      settle(sequence, release);
    }
    advance();
    while (!blocked && firstBlocked != NONE) {
      int waiter = firstBlocked;
      firstBlocked = nextWaiter[waiter];
      free(waiter, release);
    }
  }

  /** Forgets everything; the requests that wait are released. */
  void clear(Release release) {
    reconfigure(0, 0, false, release);
  }

  private void settle(long sequence, Release release) {
    int slot = slot(sequence);
    if ((pending[slot] & waitMask) != 0) {
      return;
    }
    int waiter = firstWaiter[slot];
    firstWaiter[slot] = NONE;
    long newer = waiter == NONE ? NONE : newestAwaited(pages[slot]);
    while (waiter != NONE) {
      int following = nextWaiter[waiter];
      if (newer >= 0 && !writes[waiter]) {
        // What a read would be answered with is newer than what it has waited for.
        nextWaiter[waiter] = firstWaiter[slot(newer)];
        firstWaiter[slot(newer)] = waiter;
      } else if (blocked && writes[waiter]) {
        block(waiter);
      } else {
        free(waiter, release);
      }
      waiter = following;
    }
    if (pending[slot] == 0 && !live[slot]) {
      live[slot] = true;
      copying--;
    }
  }

  private void advance() {
    while (head < next && pending[slot(head)] == 0) {
      head++;
    }
  }

  private static int slot(long sequence) {
    return (int) sequence & RING_MASK;
  }
}
