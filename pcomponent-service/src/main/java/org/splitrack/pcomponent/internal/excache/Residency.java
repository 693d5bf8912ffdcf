package org.splitrack.pcomponent.internal.excache;

import static org.splitrack.fabric.PageGeometry.PAGE_BYTES;
import static org.splitrack.pcomponent.internal.excache.FrameTable.DIRTY;
import static org.splitrack.pcomponent.internal.excache.FrameTable.FETCHING;
import static org.splitrack.pcomponent.internal.excache.FrameTable.NO_FRAME;
import static org.splitrack.pcomponent.internal.excache.FrameTable.NO_PAGE;
import static org.splitrack.pcomponent.internal.excache.FrameTable.WRITING;

/**
 * The frames that one address space holds, from the mapped ones over those unmapped and waiting for
 * their second chance or their write-back to the free ones. Guarded by the space's lock.
 *
 * <p>An unmapped frame is <em>settled</em> when every program thread has passed a poll since: only
 * then may it be written back or used for another page, because until then some thread may be
 * within an access to it.
 */
final class Residency {
  /** Unmapped frames kept ready: a part of the cache, within these bounds. */
  private static final int RESERVE_SHARE = 8;

  /**
   * The same where more threads run than there are cores: a thread that the system has put aside
   * settles nothing until its turn comes, and the others use frames meanwhile.
   */
  private static final int CROWDED_RESERVE_SHARE = 3;

  /** Threads that may all be running, with the first one waiting for them. */
  private static final int MOST_RUNNING = Runtime.getRuntime().availableProcessors() + 1;

  private static final int MIN_RESERVE = 8;
  private static final int MAX_RESERVE = 1024;

  /** Unused prefetched pages may fill so much of the cache. */
  private static final int AHEAD_SHARE = 4;

  /** Prefetching is never given up altogether: what a program does next may suit it. */
  private static final int MIN_CREDIT = 2;

  private final ExCache cache;
  private final FrameTable frames;
  private final PageTable table;
  private final ProgramThreads threads;
  private final int spaceId;
  private final EvictionOrder mapped;
  private final FrameList clean;
  private final FrameList dirty;
  private final FrameList ahead;
  private final int[] free;
  private int freeCount;

  /** Frames of this space, wherever they are. */
  private int held;

  private int cap = CacheLimit.MIN_FRAMES;

  /** The ExCache had no frame left when asked last. */
  private boolean poolEmpty;

  /** Unmapped frames with the writer. */
  private int leaving;

  private int evictions;

  /** Rises with prefetched pages that were used, falls faster with those that were not. */
  private int prefetchCredit = PrefetchStreams.MAX_WINDOW;

  private final PageCounters counters;

  Residency(
      ExCache cache,
      PageTable table,
      ProgramThreads threads,
      int spaceId,
      Eviction eviction,
      PageCounters counters) {
    this.cache = cache;
    this.frames = cache.frames();
    this.table = table;
    this.threads = threads;
    this.spaceId = spaceId;
    this.counters = counters;
    mapped = EvictionOrder.of(eviction, frames);
    clean = new FrameList(frames, FrameList.CLEAN);
    dirty = new FrameList(frames, FrameList.DIRTY);
    ahead = new FrameList(frames, FrameList.AHEAD);
    free = new int[frames.pool.frameCount()];
  }

  int cap() {
    return cap;
  }

  void setCap(int frameCount) {
    cap = frameCount;
  }

  int held() {
    return held;
  }

  boolean overCap() {
    return held > cap;
  }

  int dirtyCount() {
    return dirty.count();
  }

  int reserve() {
    int share = threads.count() > MOST_RUNNING ? CROWDED_RESERVE_SHARE : RESERVE_SHARE;
    return Math.clamp(cap / share, MIN_RESERVE, MAX_RESERVE);
  }

  /** Pages that may be prefetched now without driving out what is used. */
  int aheadRoom() {
    return Math.clamp(cap / AHEAD_SHARE - ahead.count(), 0, prefetchCredit);
  }

  /**
   * A frame for another page, in no list.
   *
   * @return {@link FrameTable#NO_FRAME} when one will be there only after a write-back or after
   *     program threads have passed a poll, which has been asked for
   */
  int take() {
    balance();
    while (held <= cap) {
      if (freeCount > 0) {
        return free[--freeCount];
      }
      if (held == cap) {
        break;
      }
      int fresh = cache.take();
      poolEmpty = fresh == NO_FRAME;
      if (poolEmpty) {
        break;
      }
      frames.holder[fresh] = spaceId;
      held++;
      return fresh;
    }
    shrink();
    return held > cap ? NO_FRAME : reclaim();
  }

  /** Gives frames back to the pComponent until no more are held than allowed, as far as it goes. */
  void shrink() {
    while (held > cap) {
      int frame = freeCount > 0 ? free[--freeCount] : reclaim();
      if (frame == NO_FRAME) {
        return;
      }
      held--;
      cache.give(frame);
    }
  }

  /** Unmaps pages until enough frames are on their way to be free. */
  void balance() {
    int wanted = reserve() + Math.max(0, held - cap);
    int available = freeCount + clean.count() + dirty.count() + aheadSurplus() + leaving;
    if (!poolEmpty) {
      available += Math.max(0, cap - held);
    }
    while (available < wanted && unmapOne()) {
      available++;
    }
  }

  private int aheadSurplus() {
    return Math.max(0, ahead.count() - cap / AHEAD_SHARE);
  }

  private boolean unmapOne() {
    int frame = mapped.victim();
    if (frame == NO_FRAME) {
      return false;
    }
    table.unmap(frames.page[frame]);
    frames.unmappedAt[frame] = threads.advance();
    if (frames.has(frame, WRITING)) {
      leaving++;
    } else if (frames.has(frame, DIRTY)) {
      dirty.append(frame);
    } else {
      clean.append(frame);
    }
    return true;
  }

  /**
   * Prefetched pages only where there are too many of them: they settle at once, so where other
   * frames wait for a thread's poll they would be the first to go, before anybody has used them.
   */
  private int reclaim() {
    int frame = aheadSurplus() > 0 ? reclaim(ahead) : NO_FRAME;
    return frame == NO_FRAME ? reclaim(clean) : frame;
  }

  private int reclaim(FrameList list) {
    int frame = list.first();
    if (frame == NO_FRAME) {
      return NO_FRAME;
    }
    if (!threads.settled(frames.unmappedAt[frame])) {
      threads.askToSettle(frames.unmappedAt[frame]);
      return NO_FRAME;
    }
    list.remove(frame);
    int page = frames.page[frame];
    if (page != NO_PAGE) {
      table.state[page] = PageTable.ABSENT;
      table.frameOf[page] = NO_FRAME;
      table.evictedAt[page] = ++evictions;
      if (list == ahead) {
        counters.prefetchWasted++;
        prefetchCredit = Math.max(MIN_CREDIT, prefetchCredit - 2);
      }
    }
    frames.reset(frame);
    return frame;
  }

  /** A frame that holds nothing any more, and no thread has had mapped since it was taken. */
  void release(int frame) {
    frames.reset(frame);
    free[freeCount++] = frame;
  }

  /** The page is in the frame from now on; in no list until it is mapped or put ahead. */
  void install(int page, int frame) {
    frames.page[frame] = page;
    frames.flags[frame] = 0;
    table.frameOf[page] = frame;
    table.state[page] = PageTable.RESIDENT;
  }

  void putAhead(int frame) {
    ahead.append(frame);
  }

  /** A prefetched page has been of use. */
  void creditPrefetch() {
    counters.prefetchUsed++;
    prefetchCredit = Math.min(PrefetchStreams.MAX_WINDOW, prefetchCredit + 1);
  }

  /** Whether the page was prefetched and has not been used. */
  boolean isAhead(int frame) {
    return frames.list[frame] == FrameList.AHEAD;
  }

  /**
   * Maps a resident page; for writing, its frame must not be with the writer.
   *
   * @return its entry
   */
  long map(int page, int frame, boolean write) {
    switch (frames.list[frame]) {
      case FrameList.NONE -> {
        if (frames.has(frame, WRITING)) {
          leaving--;
          mapped.foundAgain(frame);
        } else {
          mapped.arrived(frame, leftLately(page));
        }
      }
      case FrameList.CLEAN -> {
        clean.remove(frame);
        mapped.foundAgain(frame);
      }
      case FrameList.DIRTY -> {
        dirty.remove(frame);
        mapped.foundAgain(frame);
      }
      case FrameList.AHEAD -> {
        ahead.remove(frame);
        mapped.arrived(frame, leftLately(page));
      }
      default -> {}
    }
    if (write) {
      frames.set(frame, DIRTY);
    }
    boolean writable = frames.has(frame, DIRTY) && !frames.has(frame, WRITING);
    return table.map(page, frames.pool.address(frame), writable);
  }

  private boolean leftLately(int page) {
    int at = table.evictedAt[page];
    return at != 0 && evictions - at < held;
  }

  /** Whether the page's bytes are with the writer, so that a store needs a frame of its own. */
  boolean isWriting(int frame) {
    return frames.has(frame, WRITING);
  }

  /** Whether write-backs are worth a batch. */
  boolean hasDirtyBatch() {
    return dirty.count() >= Math.min(WriteBatch.SIZE, reserve() / 4);
  }

  /** Moves a page whose frame is with the writer to another frame, which may be stored to. */
  void moveForWriting(int page, int from, int to) {
    AbsoluteMemory.copy(frames.pool.address(from), frames.pool.address(to), PAGE_BYTES);
    if (frames.list[from] == FrameList.NONE) {
      leaving--;
    } else {
      mapped.remove(from);
    }
    // Threads may still be reading the old frame: it counts as unmapped now.
    frames.page[from] = NO_PAGE;
    frames.unmappedAt[from] = threads.advance();
    leaving++;
    install(page, to);
  }

  /**
   * Takes settled dirty frames for the writer until the batch is full: from now on their bytes stay
   * as they are until {@link #written} or {@link #writeFailed}.
   */
  void collect(WriteBatch batch) {
    while (!batch.isFull()) {
      int frame = dirty.first();
      if (frame == NO_FRAME || !threads.settled(frames.unmappedAt[frame])) {
        break;
      }
      dirty.remove(frame);
      frames.set(frame, WRITING);
      leaving++;
      int page = frames.page[frame];
      batch.add(page, frame, ++table.version[page]);
    }
  }

  /** The home holds what was sent. */
  void written(int frame, boolean zero) {
    frames.clear(frame, WRITING);
    int page = frames.page[frame];
    if (page != NO_PAGE) {
      frames.clear(frame, DIRTY);
      table.zeroAtHome[page] = zero;
    }
    if (frames.list[frame] == FrameList.NONE) {
      leaving--;
      clean.append(frame);
    }
  }

  /** The home does not hold it: the page is as dirty as before. */
  void writeFailed(int frame) {
    frames.clear(frame, WRITING);
    if (frames.list[frame] == FrameList.NONE) {
      leaving--;
      (frames.page[frame] == NO_PAGE ? clean : dirty).append(frame);
    }
  }

  /** A fetch into the frame has been asked for, on behalf of the page's slot. */
  void fetching(int page, int frame, short reader) {
    frames.page[frame] = page;
    frames.reader[frame] = reader;
    frames.set(frame, FETCHING);
    table.frameOf[page] = frame;
  }

  /** What a view that has ended had in flight: its fetcher is closed and writes no more. */
  void abandonFetches(short reader) {
    for (int frame = 0; frame < frames.holder.length; frame++) {
      if (frames.holder[frame] == spaceId
          && frames.reader[frame] == reader
          && frames.has(frame, FETCHING)) {
        fetchFailed(frames.page[frame], frame);
      }
    }
  }

  /** Nothing came into the frame. */
  void fetchFailed(int page, int frame) {
    if (table.frameOf[page] == frame) {
      table.state[page] = PageTable.ABSENT;
      table.frameOf[page] = NO_FRAME;
    }
    release(frame);
  }

  /** Gives all frames back; no thread uses the space any more. */
  void giveBackAll() {
    for (int frame = 0; frame < frames.holder.length; frame++) {
      if (frames.holder[frame] == spaceId) {
        cache.give(frame);
      }
    }
  }
}
