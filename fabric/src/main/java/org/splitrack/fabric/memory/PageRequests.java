package org.splitrack.fabric.memory;

import org.splitrack.fabric.PageGeometry;

/**
 * The open requests of one fetcher or writer, in slots. A request keeps its slot until it is
 * completed, however often it is sent; each time it is sent it gets a sequence of its own, so that
 * only the reply to the last one finds it. Allocates nothing after construction.
 */
final class PageRequests {
  static final int CAPACITY = RemotePages.MAX_IN_FLIGHT;

  private static final int SLOT_MASK = CAPACITY - 1;
  private static final int SLOT_BITS = Integer.numberOfTrailingZeros(CAPACITY);

  private final int[] pageNumbers = new int[CAPACITY];
  private final int[] frames = new int[CAPACITY];
  private final long[] versions = new long[CAPACITY];
  private final boolean[] zeros = new boolean[CAPACITY];
  private final long[] sequences = new long[CAPACITY];
  private final long[] epochs = new long[CAPACITY];
  private final int[] openedTick = new int[CAPACITY];
  private final long[] openedNs = new long[CAPACITY];
  private final int[] openOfRegion = new int[RegionTable.MAX_REGIONS];
  private long sent;
  private int opened;
  private int sentUpTo;

  /** A bit a slot. */
  private long open;

  /** Those of the open ones that have to be sent. */
  private long unsent;

  /** Those of the open ones that were sent in vain. */
  private long again;

  int count() {
    return Long.bitCount(open);
  }

  boolean isFull() {
    return open == -1L;
  }

  boolean isEmpty() {
    return open == 0;
  }

  int openOfRegion(int regionIndex) {
    return openOfRegion[regionIndex];
  }

  /** Takes a slot, which must be there; the request is to be sent. */
  int open(int pageNumber, int frame, long version, boolean zero, int tick, long nowNs) {
    int slot = firstFrom(opened, ~open);
    opened = slot + 1;
    pageNumbers[slot] = pageNumber;
    frames[slot] = frame;
    versions[slot] = version;
    zeros[slot] = zero;
    openedTick[slot] = tick;
    openedNs[slot] = nowNs;
    sequences[slot] = -1;
    open |= 1L << slot;
    unsent |= 1L << slot;
    openOfRegion[regionIndex(slot)]++;
    return slot;
  }

  void close(int slot) {
    open &= ~(1L << slot);
    unsent &= ~(1L << slot);
    again &= ~(1L << slot);
    openOfRegion[regionIndex(slot)]--;
  }

  /** A new sequence for the request, which is sent now. */
  long send(int slot, long epoch) {
    long sequence = (sent++ << SLOT_BITS) | slot;
    sequences[slot] = sequence;
    epochs[slot] = epoch;
    sentUpTo = slot + 1;
    unsent &= ~(1L << slot);
    return sequence;
  }

  /** The slot of the request that was last sent with that sequence, or -1. */
  int find(long sequence) {
    int slot = (int) sequence & SLOT_MASK;
    return (open & (1L << slot)) != 0 && sequences[slot] == sequence ? slot : -1;
  }

  /** All open requests of the region have to be sent again. */
  void resend(int regionIndex) {
    for (long rest = open; rest != 0; rest &= rest - 1) {
      int slot = Long.numberOfTrailingZeros(rest);
      if (regionIndex(slot) == regionIndex) {
        unsent |= 1L << slot;
        again |= 1L << slot;
        sequences[slot] = -1;
      }
    }
  }

  /** The requests that have to be sent, a bit a slot. */
  long unsent() {
    return unsent;
  }

  /**
   * Of these slots the one whose turn it is to be sent: in a round, so that none is left behind.
   */
  int nextToSend(long slots) {
    return firstFrom(sentUpTo, slots);
  }

  private static int firstFrom(int start, long slots) {
    return (Long.numberOfTrailingZeros(Long.rotateRight(slots, start)) + start) & SLOT_MASK;
  }

  /** The open requests, a bit a slot. */
  long open() {
    return open;
  }

  int regionIndex(int slot) {
    return PageGeometry.regionIndex(pageNumbers[slot]);
  }

  int pageNumber(int slot) {
    return pageNumbers[slot];
  }

  int frame(int slot) {
    return frames[slot];
  }

  long version(int slot) {
    return versions[slot];
  }

  boolean zero(int slot) {
    return zeros[slot];
  }

  /** The epoch with which it was last sent. */
  long epoch(int slot) {
    return epochs[slot];
  }

  int openedTick(int slot) {
    return openedTick[slot];
  }

  long openedNs(int slot) {
    return openedNs[slot];
  }

  /** Whether it had to be sent more than once. */
  boolean wasSentAgain(int slot) {
    return (again & (1L << slot)) != 0;
  }
}
