package org.splitrack.pcomponent.internal.excache;

import static org.splitrack.pcomponent.internal.excache.FrameTable.NO_FRAME;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.splitrack.fabric.memory.FramePool;

/**
 * The page cache of a pComponent: its frames, and the address spaces that share them. Frames that
 * no process holds are free for any; when processes together want more than there is, each gets the
 * same share, and what one does not want is left to the others. Thread-safe.
 */
public final class ExCache implements AutoCloseable {
  private final FramePool pool;
  private final FrameTable frames;
  private final int[] free;
  private int freeCount;
  private int nextSpace = 1;

  private final Object sharesLock = new Object();
  private final List<AddressSpace> spaces = new ArrayList<>();

  /** Takes over the pool and closes it at its own end. */
  public ExCache(FramePool pool) {
    if (pool.frameCount() < CacheLimit.MIN_FRAMES) {
      throw new IllegalArgumentException(
          "a cache of " + pool.frameCount() + " frames; at least " + CacheLimit.MIN_FRAMES);
    }
    this.pool = pool;
    frames = new FrameTable(pool);
    free = new int[pool.frameCount()];
    for (int frame = pool.frameCount() - 1; frame >= 0; frame--) {
      frames.reset(frame);
      free[freeCount++] = frame;
    }
  }

  public int frameCount() {
    return pool.frameCount();
  }

  /** Frames that processes hold. */
  public synchronized int usedFrames() {
    return pool.frameCount() - freeCount;
  }

  /**
   * Makes the address space of a process and reserves its initial pages.
   *
   * @throws MemoryRefused in one line when they cannot be had
   */
  public AddressSpace open(AddressSpaceSettings settings, PageLinks links, Growth growth) {
    int id;
    synchronized (sharesLock) {
      if ((spaces.size() + 1) * CacheLimit.MIN_FRAMES > pool.frameCount()) {
        throw new MemoryRefused(
            "the page cache of "
                + pool.frameCount()
                + " frames has no room for another program beside "
                + spaces.size());
      }
      id = nextSpace++;
    }
    AddressSpace space = new AddressSpace(this, id, settings, links, growth);
    space.reserveInitialPages();
    synchronized (sharesLock) {
      spaces.add(space);
      share();
    }
    space.startWriteBack();
    return space;
  }

  @Override
  public void close() {
    pool.close();
  }

  FrameTable frames() {
    return frames;
  }

  synchronized int take() {
    return freeCount == 0 ? NO_FRAME : free[--freeCount];
  }

  synchronized void give(int frame) {
    frames.reset(frame);
    frames.holder[frame] = 0;
    free[freeCount++] = frame;
  }

  void left(AddressSpace space) {
    synchronized (sharesLock) {
      spaces.remove(space);
      share();
    }
  }

  void wantsChanged() {
    synchronized (sharesLock) {
      share();
    }
  }

  /** The smallest wishes first: what each leaves of its equal part goes to those after it. */
  private void share() {
    List<AddressSpace> bySize = new ArrayList<>(spaces);
    bySize.sort(Comparator.comparingInt(AddressSpace::wantedFrames));
    int left = pool.frameCount();
    int among = bySize.size();
    for (AddressSpace space : bySize) {
      int share = Math.min(space.wantedFrames(), left / among);
      space.setShare(Math.max(CacheLimit.MIN_FRAMES, share));
      left -= share;
      among--;
    }
  }
}
