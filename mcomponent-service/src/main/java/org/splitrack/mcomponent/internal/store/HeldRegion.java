package org.splitrack.mcomponent.internal.store;

import java.util.Arrays;

/**
 * A region that is installed here: its configuration, and where its pages are. The page map takes
 * 12 bytes a reserved page and is made at the first write-back. Owned by the page agent.
 */
public final class HeldRegion {
  private static final int ABSENT = -1;

  private final long region;
  private final long process;
  private long epoch;
  private int incarnation;
  private int reservedPages;
  private int[] frames = {};
  private long[] versions = {};

  HeldRegion(long region, long process, long epoch, int incarnation, int reservedPages) {
    this.region = region;
    this.process = process;
    this.epoch = epoch;
    this.incarnation = incarnation;
    this.reservedPages = reservedPages;
  }

  long region() {
    return region;
  }

  long process() {
    return process;
  }

  public long epoch() {
    return epoch;
  }

  public int incarnation() {
    return incarnation;
  }

  /** Pages, from the first, that may be used. */
  public int reservedPages() {
    return reservedPages;
  }

  /** The highest version written back; 0 when there was none. */
  public long version(int page) {
    return page < versions.length ? versions[page] : 0;
  }

  /** The page's frame, or a negative number when it is all zeros. */
  public int frame(int page) {
    return page < frames.length ? frames[page] : ABSENT;
  }

  void configure(long newEpoch, int newIncarnation, int newReservedPages) {
    epoch = newEpoch;
    incarnation = newIncarnation;
    reservedPages = newReservedPages;
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

  /** Pages that the map covers. */
  int mappedPages() {
    return frames.length;
  }
}
