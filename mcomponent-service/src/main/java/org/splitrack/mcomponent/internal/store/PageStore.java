package org.splitrack.mcomponent.internal.store;

import static org.splitrack.fabric.PageGeometry.PAGE_BYTES;
import static org.splitrack.fabric.PageGeometry.REGION_PAGES;

import java.lang.foreign.MemorySegment;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.splitrack.fabric.RegionId;
import org.splitrack.fabric.control.ControlFault;
import org.splitrack.fabric.memory.FramePool;

/**
 * The pages of all regions held here, outside the heap, in a fixed number of frames. A page takes a
 * frame from its first write-back that is not all zeros on. Frames in use never exceed pages
 * reserved, and pages reserved never exceed frames: so a write-back within a reservation always
 * finds one.
 *
 * <p>Not safe from several threads: the page agent owns it.
 */
public final class PageStore implements AutoCloseable {
  private final FramePool pool;
  private final FreeFrames free;
  private final RegionIndex regions = new RegionIndex();
  private final AtomicLong reservedPages = new AtomicLong();

  /**
   * @param capacityPages at least 1
   */
  public PageStore(int capacityPages) {
    pool = new FramePool(capacityPages);
    free = new FreeFrames(pool);
  }

  public int capacityPages() {
    return pool.frameCount();
  }

  /** Pages set aside for regions; may be read by any thread. */
  public long reservedPages() {
    return reservedPages.get();
  }

  public int regionCount() {
    return regions.count();
  }

  /** Pages that take a frame now. */
  public int usedFrames() {
    return pool.frameCount() - free.count();
  }

  /** The region, or null when it is not installed. */
  public @Nullable HeldRegion find(long region) {
    return regions.find(region);
  }

  /** Places that {@link #regionAt} looks at; some are empty. */
  public int regionSlots() {
    return regions.slotCount();
  }

  /** The region at a place, or null. */
  public @Nullable HeldRegion regionAt(int slot) {
    return regions.at(slot);
  }

  /** Pages that can still be set aside. */
  public long freePages() {
    return capacityPages() - reservedPages();
  }

  /**
   * Sets pages aside for a region, or raises what is set aside to so many; never lowers it.
   *
   * @throws ControlFault FULL when they are not there; BAD_REQUEST when a region cannot have so
   *     many. Nothing has changed then.
   */
  public HeldRegion hold(RegionId region, int pages) {
    if (pages < 1 || pages > REGION_PAGES) {
      throw new ControlFault(
          ControlFault.Code.BAD_REQUEST,
          pages + " pages cannot be reserved; 1 to " + REGION_PAGES + " can");
    }
    HeldRegion held = regions.find(region.value());
    if (held == null) {
      reserve(region, pages);
      held = new HeldRegion(region, pages);
      regions.add(held);
    } else if (pages > held.reservedPages()) {
      reserve(region, pages - held.reservedPages());
      held.reserve(pages);
    }
    return held;
  }

  /** Forgets a region; one that is not held is passed over. */
  public void release(RegionId region) {
    HeldRegion held = regions.remove(region.value());
    if (held != null) {
      reservedPages.addAndGet(-held.reservedPages());
      erase(held);
    }
  }

  /** Makes all pages of a region as if they had never been written; what is set aside stays so. */
  public void erase(HeldRegion held) {
    for (int page = 0; page < held.mappedPages(); page++) {
      if (held.frame(page) >= 0) {
        free.give(held.frame(page));
      }
    }
    held.forgetPages();
  }

  /** Copies a page that has a frame. */
  public void read(int frame, MemorySegment target, long at) {
    MemorySegment.copy(pool.memory(), (long) frame * PAGE_BYTES, target, at, PAGE_BYTES);
  }

  /**
   * Takes a write-back of a page within the reservation.
   *
   * @param source holds the page's bytes from {@code at}; null = the page is all zeros
   * @return false when the version is not above the one held: lanes reorder, so an older write-back
   *     may come after a newer one and must not undo it
   */
  public boolean write(
      HeldRegion held, int page, long version, @Nullable MemorySegment source, long at) {
    if (version <= held.version(page)) {
      return false;
    }
    int frame = held.frame(page);
    if (source == null) {
      held.setAbsent(page, version);
      if (frame >= 0) {
        free.give(frame);
      }
      return true;
    }
    if (frame < 0) {
      frame = free.take();
    }
    MemorySegment.copy(source, at, pool.memory(), (long) frame * PAGE_BYTES, PAGE_BYTES);
    held.set(page, frame, version);
    return true;
  }

  /** Erases at most {@code most} freed pages; returns how many. */
  public int zeroSome(int most) {
    return free.zeroSome(most);
  }

  /** Whether {@link #zeroSome} has anything to do. */
  public boolean hasPagesToZero() {
    return free.hasDirty();
  }

  /** Gives all memory back; nothing may be called afterwards. */
  @Override
  public void close() {
    pool.close();
  }

  private void reserve(RegionId region, int pages) {
    if (pages > freePages()) {
      throw new ControlFault(
          ControlFault.Code.FULL,
          "region " + region + " needs " + pages + " pages; " + freePages() + " are free");
    }
    reservedPages.addAndGet(pages);
  }
}
