package org.splitrack.pcomponent.internal.wasm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.splitrack.fabric.PageGeometry.PAGE_BYTES;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.Test;
import org.splitrack.fabric.memory.FramePool;
import org.splitrack.pcomponent.internal.excache.AddressSpace;
import org.splitrack.pcomponent.internal.excache.AddressSpaceSettings;
import org.splitrack.pcomponent.internal.excache.CacheLimit;
import org.splitrack.pcomponent.internal.excache.Eviction;
import org.splitrack.pcomponent.internal.excache.ExCache;
import org.splitrack.pcomponent.internal.excache.FakeHome;
import org.splitrack.pcomponent.internal.excache.Prefetch;

/** What the page path takes from the Java heap once it runs: nothing. */
class PageAllocationTest {
  private static final int WASM_PAGES = 64;
  private static final int PAGES = WASM_PAGES * 16;
  private static final int HITS = 1_000_000;
  private static final int MISSES = 100_000;

  /**
   * A path that is taken for the first time, such as waiting for a frame, is linked then; far less
   * than one object a miss.
   */
  private static final long RARE_PATHS_BYTES = 16_384;

  private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  @Test
  void shouldAllocateNothingPerHitAndPerMiss() {
    FramePool pool = new FramePool(256);
    try (ExCache cache = new ExCache(pool);
        FakeHome home = new FakeHome(pool, PAGES, 1, true)) {
      AddressSpace space =
          cache.open(
              new AddressSpaceSettings(
                  "allocation",
                  WASM_PAGES,
                  WASM_PAGES,
                  false,
                  new CacheLimit.Frames(128),
                  Eviction.CLOCK,
                  Prefetch.LEAP),
              home,
              (from, to) -> true);
      try (PagedMemory memory = PagedMemory.open(space)) {
        // given a path that has been walked before, also by the write-back
        hit(memory, HITS);
        miss(memory, MISSES);
        long writer = threadNamed("write-back-allocation");
        long missesBefore = space.statistics().misses() + space.statistics().prefetchUsed();
        // when
        long mine = threads.getCurrentThreadAllocatedBytes();
        hit(memory, HITS);
        long byHits = threads.getCurrentThreadAllocatedBytes() - mine;
        mine = threads.getCurrentThreadAllocatedBytes();
        long writers = threads.getThreadAllocatedBytes(writer);
        miss(memory, MISSES);
        long byMisses = threads.getCurrentThreadAllocatedBytes() - mine;
        long byWriteBacks = threads.getThreadAllocatedBytes(writer) - writers;
        // then
        assertThat(space.statistics().misses() + space.statistics().prefetchUsed() - missesBefore)
            .isGreaterThan(MISSES * 9 / 10);
        assertThat(space.statistics().writeBacks()).isGreaterThan(MISSES / 4);
        assertThat(byHits).isZero();
        assertThat(byMisses).isLessThan(RARE_PATHS_BYTES);
        assertThat(byWriteBacks).isLessThan(RARE_PATHS_BYTES);
      }
      space.close();
    }
  }

  private static void hit(PagedMemory memory, int count) {
    int sum = 0;
    for (int i = 0; i < count; i++) {
      int at = (i & 31) * PAGE_BYTES + (i & 0xFF8);
      sum += PageAccess.memoryReadInt(at, 0, memory);
      PageAccess.memoryWriteInt(at, sum, 4, memory);
      PageAccess.poll(memory);
    }
  }

  /**
   * Sequentially, then all over the place; every second access stores, and no page is left zero.
   */
  private static void miss(PagedMemory memory, int count) {
    int page = 0;
    for (int i = 0; i < count; i++) {
      page = i % (2 * PAGES) < PAGES ? (page + 1) % PAGES : (page * 5 + 331) % PAGES;
      int value = PageAccess.memoryReadInt(page * PAGE_BYTES, 0, memory);
      if ((i & 1) == 0 || value == 0) {
        PageAccess.memoryWriteInt(page * PAGE_BYTES, i + 1, 0, memory);
      }
      PageAccess.poll(memory);
    }
  }

  private long threadNamed(String name) {
    for (var info : threads.getThreadInfo(threads.getAllThreadIds())) {
      if (info != null && info.getThreadName().equals(name)) {
        return info.getThreadId();
      }
    }
    throw new AssertionError("no thread " + name);
  }
}
