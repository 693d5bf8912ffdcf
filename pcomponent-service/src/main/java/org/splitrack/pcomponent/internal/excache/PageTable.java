package org.splitrack.pcomponent.internal.excache;

import static org.splitrack.fabric.PageGeometry.PAGE_SHIFT;
import static org.splitrack.pcomponent.internal.excache.FrameTable.NO_FRAME;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Arrays;

/**
 * The pages of one address space. {@code readable} and {@code writable} are what the program looks
 * up at every access: the frame's absolute address minus the page's first address, so that adding
 * the program's address gives the absolute one; 0 = ask the slow path. They are read without a lock
 * and written under the space's lock; everything else is guarded by that lock.
 */
final class PageTable {
  /** Never accessed: zeros, without asking the home. */
  static final byte UNTOUCHED = 0;

  /** At the home only. */
  static final byte ABSENT = 1;

  /** In a frame, mapped or not. */
  static final byte RESIDENT = 2;

  /** A thread waits for it. */
  static final byte FETCHING = 3;

  /** On its way, nobody has asked for it yet. */
  static final byte PREFETCHING = 4;

  private static final VarHandle ENTRY = MethodHandles.arrayElementVarHandle(long[].class);

  long[] readable;
  long[] writable;
  byte[] state;

  /** The page's frame, also while a fetch into it is in flight. */
  int[] frameOf;

  /** Counts the page's write-backs. */
  int[] version;

  /** The number of the eviction that last took the page's frame; 0 = never. */
  int[] evictedAt;

  /** The home holds zeros, so a fetch can be done without it. */
  boolean[] zeroAtHome;

  PageTable(int pages) {
    readable = new long[pages];
    writable = new long[pages];
    state = new byte[pages];
    frameOf = new int[pages];
    version = new int[pages];
    evictedAt = new int[pages];
    zeroAtHome = new boolean[pages];
    Arrays.fill(frameOf, NO_FRAME);
    Arrays.fill(zeroAtHome, true);
  }

  int pages() {
    return readable.length;
  }

  /** Makes room for at least so many pages; only for a space with a single view. */
  void reserve(int pages, int maxPages) {
    int from = readable.length;
    if (pages <= from) {
      return;
    }
    int to = (int) Math.min(maxPages, Math.max(pages, from * 2L));
    readable = Arrays.copyOf(readable, to);
    writable = Arrays.copyOf(writable, to);
    state = Arrays.copyOf(state, to);
    frameOf = Arrays.copyOf(frameOf, to);
    version = Arrays.copyOf(version, to);
    evictedAt = Arrays.copyOf(evictedAt, to);
    zeroAtHome = Arrays.copyOf(zeroAtHome, to);
    Arrays.fill(frameOf, from, to, NO_FRAME);
    Arrays.fill(zeroAtHome, from, to, true);
  }

  static long entry(int page, long frameAddress) {
    return frameAddress - ((long) page << PAGE_SHIFT);
  }

  /** Lets the program read, and write if so said, the page in its frame. */
  long map(int page, long frameAddress, boolean write) {
    long entry = entry(page, frameAddress);
    // Release: a thread that sees the entry sees the frame's content.
    ENTRY.setRelease(readable, page, entry);
    ENTRY.setRelease(writable, page, write ? entry : 0L);
    return entry;
  }

  /** From now on accesses take the slow path; those under way end at their thread's next poll. */
  void unmap(int page) {
    ENTRY.setRelease(writable, page, 0L);
    ENTRY.setRelease(readable, page, 0L);
  }
}
