package org.splitrack.pcomponent.internal.excache;

import static org.splitrack.fabric.PageGeometry.PAGE_SHIFT;
import static org.splitrack.pcomponent.internal.excache.AbsoluteMemory.ALL;
import static org.splitrack.pcomponent.internal.excache.AbsoluteMemory.ATOMIC_LONG;
import static org.splitrack.pcomponent.internal.excache.FrameTable.NO_FRAME;

import java.lang.foreign.Arena;
import java.util.Arrays;
import org.splitrack.fabric.memory.AnonymousMemory;

/**
 * The pages of one address space, and what a program looks up at every access: two entries a page,
 * outside the heap, side by side. The first lets read, the second write: the frame's absolute
 * address minus the page's first address, so that adding the program's address gives the absolute
 * one; 0 = ask the slow path. They are read without a lock and written under the space's lock;
 * everything else is guarded by that lock.
 *
 * <p>The table has room for every address that a WebAssembly access can name, base plus offset:
 * then a look-up needs no check, and what is out of bounds has no entry. Only the parts in use take
 * memory.
 */
final class PageTable implements AutoCloseable {
  /** From one page's entries to the next's. */
  static final int ENTRIES_BYTES = 2 * Long.BYTES;

  /** Two unsigned 32-bit numbers added. */
  private static final long ADDRESSABLE_PAGES = 1L << (33 - PAGE_SHIFT);

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

  private final Arena arena = Arena.ofShared();
  private final long entries;

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
    entries = AnonymousMemory.map(ADDRESSABLE_PAGES * ENTRIES_BYTES, arena).address();
    state = new byte[pages];
    frameOf = new int[pages];
    version = new int[pages];
    evictedAt = new int[pages];
    zeroAtHome = new boolean[pages];
    Arrays.fill(frameOf, NO_FRAME);
    Arrays.fill(zeroAtHome, true);
  }

  /** The address of page 0's entries. */
  long entries() {
    return entries;
  }

  /** Makes room for at least so many pages. */
  void reserve(int pages, int maxPages) {
    int from = state.length;
    if (pages <= from) {
      return;
    }
    int to = (int) Math.min(maxPages, Math.max(pages, from * 2L));
    state = Arrays.copyOf(state, to);
    frameOf = Arrays.copyOf(frameOf, to);
    version = Arrays.copyOf(version, to);
    evictedAt = Arrays.copyOf(evictedAt, to);
    zeroAtHome = Arrays.copyOf(zeroAtHome, to);
    Arrays.fill(frameOf, from, to, NO_FRAME);
    Arrays.fill(zeroAtHome, from, to, true);
  }

  /** Lets the program read, and write if so said, the page in its frame; answers the entry. */
  long map(int page, long frameAddress, boolean write) {
    long entry = frameAddress - ((long) page << PAGE_SHIFT);
    long at = entries + (long) page * ENTRIES_BYTES;
    // Release: a thread that sees the entry sees the frame's content.
    ATOMIC_LONG.setRelease(ALL, at, entry);
    ATOMIC_LONG.setRelease(ALL, at + Long.BYTES, write ? entry : 0L);
    return entry;
  }

  /** From now on accesses take the slow path; those under way end at their thread's next poll. */
  void unmap(int page) {
    long at = entries + (long) page * ENTRIES_BYTES;
    ATOMIC_LONG.setRelease(ALL, at + Long.BYTES, 0L);
    ATOMIC_LONG.setRelease(ALL, at, 0L);
  }

  /** Gives the entries' memory back; no thread looks up any more. */
  @Override
  public void close() {
    arena.close();
  }
}
