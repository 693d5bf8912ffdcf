package org.splitrack.mcomponent.internal.store;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.splitrack.fabric.RegionId;
import org.splitrack.fabric.region.PageVersions;
import org.splitrack.fabric.region.RegionCopy;

/**
 * A region that has pages set aside here: where they are, and the copy that decides about them. The
 * page map takes 12 bytes a reserved page and is made at the first write-back. Owned by the page
 * agent.
 */
public final class HeldRegion implements PageVersions {
  private static final int ABSENT = -1;

  private final RegionId region;
  private @Nullable RegionCopy copy;
  private long reservedAtEpoch;
  private int reservedPages;
  private int[] frames = {};
  private long[] versions = {};

  HeldRegion(RegionId region, int reservedPages) {
    this.region = region;
    this.reservedPages = reservedPages;
  }

  public RegionId region() {
    return region;
  }

  /** Null until one was made for it. */
  public @Nullable RegionCopy copy() {
    return copy;
  }

  public void copy(RegionCopy made) {
    copy = made;
  }

  /** The epoch of its configuration, or of the row that it was set aside for. */
  public long epoch() {
    return copy == null || copy.config() == null ? reservedAtEpoch : copy.epoch();
  }

  public void reservedAt(long rowEpoch) {
    reservedAtEpoch = Math.max(reservedAtEpoch, rowEpoch);
  }

  /** Pages, from the first, that may be used. */
  public int reservedPages() {
    return reservedPages;
  }

  @Override
  public long version(int page) {
    return page < versions.length ? versions[page] : 0;
  }

  /** The page's frame, or a negative number when it is all zeros. */
  public int frame(int page) {
    return page < frames.length ? frames[page] : ABSENT;
  }

  @Override
  public int nextVersioned(int fromPage) {
    for (int page = fromPage; page < versions.length; page++) {
      if (versions[page] > 0) {
        return page;
      }
    }
    return -1;
  }

  void reserve(int pages) {
    reservedPages = pages;
  }

  void set(int page, int frame, long version) {
    if (page >= frames.length) {
      int before = frames.length;
      frames = Arrays.copyOf(frames, reservedPages);
      Arrays.fill(frames, before, reservedPages, ABSENT);
      versions = Arrays.copyOf(versions, reservedPages);
    }
    frames[page] = frame;
    versions[page] = version;
  }

  void setAbsent(int page, long version) {
    set(page, ABSENT, version);
  }

  void forgetPages() {
    frames = new int[0];
    versions = new long[0];
  }

  /** Pages that the map covers. */
  int mappedPages() {
    return frames.length;
  }
}
