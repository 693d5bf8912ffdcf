package org.splitrack.pcomponent.internal.excache;

import org.splitrack.fabric.memory.FramePool;

/**
 * What is known of each frame of the ExCache. The entries of a frame belong to the address space
 * that holds it and are guarded by that space's lock; a frame changes hands through {@link
 * ExCache#take} and {@link ExCache#give}.
 */
final class FrameTable {
  static final int NO_FRAME = -1;
  static final int NO_PAGE = -1;

  /** Changed since the home last held it. */
  static final byte DIRTY = 1;

  /** With the writer: its bytes may not change until the home answers. */
  static final byte WRITING = 2;

  /** With a fetcher, which may change its bytes at any time. */
  static final byte FETCHING = 4;

  final FramePool pool;
  final int[] page;
  final int[] next;
  final int[] previous;

  /** In which {@link FrameList} the frame is. */
  final byte[] list;

  final byte[] flags;

  /** The epoch in which the frame's page was last unmapped. */
  final long[] unmappedAt;

  /** The view that reads into the frame while a fetch is in flight. */
  final short[] reader;

  /** Sent as zeros; belongs to the write-back thread while the frame is with the writer. */
  final boolean[] sentZero;

  /** The address space that holds the frame, or 0. */
  final int[] holder;

  FrameTable(FramePool pool) {
    this.pool = pool;
    int count = pool.frameCount();
    page = new int[count];
    next = new int[count];
    previous = new int[count];
    list = new byte[count];
    flags = new byte[count];
    unmappedAt = new long[count];
    reader = new short[count];
    sentZero = new boolean[count];
    holder = new int[count];
  }

  boolean has(int frame, byte flag) {
    return (flags[frame] & flag) != 0;
  }

  void set(int frame, byte flag) {
    flags[frame] |= flag;
  }

  void clear(int frame, byte flag) {
    flags[frame] &= (byte) ~flag;
  }

  /** The frame holds nothing and is in no list. */
  void reset(int frame) {
    page[frame] = NO_PAGE;
    list[frame] = FrameList.NONE;
    flags[frame] = 0;
    unmappedAt[frame] = 0;
  }
}
