package org.splitrack.pcomponent.internal.wasm;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.splitrack.fabric.memory.FramePool;
import org.splitrack.pcomponent.internal.excache.AddressSpace;
import org.splitrack.pcomponent.internal.excache.AddressSpaceSettings;
import org.splitrack.pcomponent.internal.excache.CacheLimit;
import org.splitrack.pcomponent.internal.excache.Eviction;
import org.splitrack.pcomponent.internal.excache.ExCache;
import org.splitrack.pcomponent.internal.excache.FakeHome;
import org.splitrack.pcomponent.internal.excache.Prefetch;

/** Several threads over one shared memory, whose cache holds a few pages of it. */
class PagedMemoryThreadsTest {
  private static final int WASM_PAGES = 24;
  private static final int BYTES = WASM_PAGES << 16;
  private static final int THREADS = 4;
  private static final int STEPS = 15_000;

  /** Every thread owns each fourth strip of this many bytes; strips lie over the ends of pages. */
  private static final int STRIP = 64;

  private static final int COUNTERS = 16;

  private final long seed = Long.getLong("splitrack.seed", System.nanoTime());

  @ParameterizedTest
  @CsvSource({"CLOCK,LEAP", "CLOCK,OFF", "FIFO,NEXT", "RANDOM,LEAP"})
  void shouldLoseNoStoreOfThreadsThatShareEveryPage(Eviction eviction, Prefetch prefetch)
      throws Exception {
    System.out.println("seed " + seed);
    FramePool pool = new FramePool(256);
    try (ExCache cache = new ExCache(pool);
        FakeHome home = new FakeHome(pool, WASM_PAGES * 16, seed, false);
        ExecutorService threads = Executors.newFixedThreadPool(THREADS)) {
      AddressSpace space = cache.open(settings(eviction, prefetch), home, (from, to) -> true);
      // when each thread stores into its own strips, and all count in the same words
      List<Future<Long>> counted = new ArrayList<>();
      for (int t = 0; t < THREADS; t++) {
        counted.add(threads.submit(owner(space, t)));
      }
      long total = 0;
      for (Future<Long> count : counted) {
        total += count.get();
      }
      // then
      try (PagedMemory memory = PagedMemory.open(space)) {
        long sum = 0;
        for (int i = 0; i < COUNTERS; i++) {
          sum += memory.atomicReadLong(counter(i));
        }
        assertThat(sum).as("seed " + seed).isEqualTo(total);
      }
      assertThat(space.failure()).isNull();
      assertThat(space.statistics().writeBacks()).isPositive();
      space.close();
    }
  }

  private static AddressSpaceSettings settings(Eviction eviction, Prefetch prefetch) {
    return new AddressSpaceSettings(
        "threads", WASM_PAGES, WASM_PAGES, true, new CacheLimit.Frames(64), eviction, prefetch);
  }

  /** In a strip that no thread owns. */
  private static int counter(int index) {
    return STRIP / 2 + (index * 280 * (THREADS + 1) + THREADS) * STRIP;
  }

  private Callable<Long> owner(AddressSpace space, int thread) {
    return () -> {
      Random random = new Random(seed + thread);
      int strips = BYTES / STRIP / (THREADS + 1) - 2;
      long[] model = new long[strips];
      long counted = 0;
      try (PagedMemory memory = PagedMemory.open(space)) {
        for (int step = 0; step < STEPS; step++) {
          PageAccess.poll(memory);
          int strip = random.nextInt(strips);
          // One word anywhere in the strip, so that a third of those at a page's end lie over it.
          int at = STRIP / 2 + (strip * (THREADS + 1) + thread) * STRIP + 3 * (strip % 17);
          assertThat(PageAccess.memoryReadLong(at, 0, memory))
              .as("seed %d thread %d step %d", seed, thread, step)
              .isEqualTo(model[strip]);
          if (random.nextBoolean()) {
            model[strip] = random.nextInt(5) == 0 ? 0 : random.nextLong();
            PageAccess.memoryWriteLong(at, model[strip], 0, memory);
          }
          if (random.nextInt(4) == 0) {
            int delta = random.nextInt(100);
            memory.atomicAddLong(counter(random.nextInt(COUNTERS)), delta);
            counted += delta;
          }
          if (random.nextInt(100) == 0) {
            memory.enterBlocked();
            Thread.onSpinWait();
            memory.leaveBlocked();
          }
        }
        for (int strip = 0; strip < strips; strip++) {
          int at = STRIP / 2 + (strip * (THREADS + 1) + thread) * STRIP + 3 * (strip % 17);
          assertThat(PageAccess.memoryReadLong(at, 0, memory)).isEqualTo(model[strip]);
        }
      }
      return counted;
    };
  }

  @Test
  void shouldWakeAsManyWaitersAsNotified() throws Exception {
    FramePool pool = new FramePool(256);
    try (ExCache cache = new ExCache(pool);
        FakeHome home = new FakeHome(pool, WASM_PAGES * 16, seed, true);
        ExecutorService threads = Executors.newFixedThreadPool(THREADS)) {
      AddressSpace space =
          cache.open(settings(Eviction.CLOCK, Prefetch.OFF), home, (from, to) -> true);
      int at = 8192;
      // given three threads that wait, one for another value, and one with a time limit elsewhere
      List<Future<Integer>> waiters = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        waiters.add(
            threads.submit(
                () -> {
                  try (PagedMemory memory = PagedMemory.open(space)) {
                    return memory.atomicWait(at, 0, -1);
                  }
                }));
      }
      try (PagedMemory memory = PagedMemory.open(space)) {
        assertThat(memory.atomicWait(at, 7, -1)).isEqualTo(1);
        assertThat(memory.atomicWait(at + 128, 0L, 1_000_000)).isEqualTo(2);
        // when
        int woken = 0;
        while (woken < 3) {
          int now = memory.atomicNotify(at, 2);
          assertThat(now).isBetween(0, 2);
          woken += now;
        }
        // then
        assertThat(woken).isEqualTo(3);
        for (Future<Integer> waiter : waiters) {
          assertThat(waiter.get()).isZero();
        }
        assertThat(memory.atomicNotify(at, -1)).isZero();
      }
      space.close();
    }
  }
}
