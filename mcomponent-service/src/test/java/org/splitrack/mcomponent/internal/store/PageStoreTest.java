package org.splitrack.mcomponent.internal.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.splitrack.fabric.PageGeometry.PAGE_BYTES;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.splitrack.fabric.RegionId;
import org.splitrack.fabric.control.ControlFault;
import org.splitrack.fabric.memory.FramePool;

class PageStoreTest {
  private static final int CAPACITY = 64;

  private final PageStore store = new PageStore(CAPACITY);

  @AfterEach
  void close() {
    store.close();
  }

  @Test
  void shouldReserveWhatIsAskedForAndSayWhatIsLeft() {
    assertThat(hold(1, 40)).isEqualTo(24);
    assertThat(store.reservedPages()).isEqualTo(40);
    assertThat(store.usedFrames()).isZero();
  }

  @Test
  void shouldChangeNothingWhenAReservationIsRepeatedAndNeverLowerAReservation() {
    hold(1, 40);

    assertThat(hold(1, 40)).isEqualTo(24);
    assertThat(hold(1, 10)).isEqualTo(24);
    assertThat(region(1).reservedPages()).isEqualTo(40);
  }

  @Test
  void shouldKeepPagesWhenAReservationGrows() {
    hold(1, 2);
    write(1, 1, 5, 77);

    hold(1, 50);
    write(1, 49, 1, 88);

    assertThat(read(1, 1)).isEqualTo(77);
    assertThat(region(1).version(1)).isEqualTo(5);
    assertThat(read(1, 49)).isEqualTo(88);
    assertThat(region(1).frame(48)).isNegative();
  }

  @Test
  void shouldRefuseWhatDoesNotFitAndChangeNothing() {
    hold(1, 40);

    assertThat(code(2, 25)).isEqualTo(ControlFault.Code.FULL);
    assertThat(code(1, 65)).isEqualTo(ControlFault.Code.FULL);
    assertThat(store.find(2)).isNull();
    assertThat(region(1).reservedPages()).isEqualTo(40);
    assertThat(store.reservedPages()).isEqualTo(40);
    assertThat(hold(2, 24)).isZero();
  }

  @Test
  void shouldRefuseReservationsOfNoPagesOrOfMoreThanARegionHas() {
    assertThat(code(1, 0)).isEqualTo(ControlFault.Code.BAD_REQUEST);
    assertThat(code(1, -1)).isEqualTo(ControlFault.Code.BAD_REQUEST);
    assertThat(code(1, 4097)).isEqualTo(ControlFault.Code.BAD_REQUEST);
    assertThat(store.regionCount()).isZero();
  }

  @Test
  void shouldTakeEveryWriteBackThatWasReserved() {
    hold(1, 32);
    hold(2, 32);

    for (int page = 0; page < 32; page++) {
      write(1, page, 1, page);
      write(2, page, 1, 1000 + page);
    }

    assertThat(store.usedFrames()).isEqualTo(CAPACITY);
    for (int page = 0; page < 32; page++) {
      assertThat(read(1, page)).isEqualTo(page);
      assertThat(read(2, page)).isEqualTo(1000 + page);
    }
  }

  @Test
  void shouldIgnoreAVersionThatIsNotAboveTheOneHeld() {
    hold(1, 8);
    write(1, 3, 7, 700);

    assertThat(write(1, 3, 6, 600)).isFalse();
    assertThat(write(1, 3, 7, 701)).isFalse();
    assertThat(store.write(region(1), 3, 6, null, 0)).isFalse();
    assertThat(read(1, 3)).isEqualTo(700);
    assertThat(write(1, 3, 8, 800)).isTrue();
    assertThat(read(1, 3)).isEqualTo(800);
  }

  @Test
  void shouldGiveAFrameBackForAPageOfZerosAndRememberItsVersion() {
    hold(1, 8);
    write(1, 3, 7, 700);

    store.write(region(1), 3, 8, null, 0);

    assertThat(store.usedFrames()).isZero();
    assertThat(region(1).frame(3)).isNegative();
    assertThat(write(1, 3, 8, 800)).isFalse();
    assertThat(write(1, 3, 9, 900)).isTrue();
  }

  @Test
  void shouldForgetReleasedRegionsAndUseTheirRoomAgain() {
    hold(1, 64);
    for (int page = 0; page < 64; page++) {
      write(1, page, 1, 5);
    }

    store.release(new RegionId(1));
    store.release(new RegionId(77));

    assertThat(store.find(1)).isNull();
    assertThat(store.reservedPages()).isZero();
    assertThat(store.usedFrames()).isZero();
    assertThat(hold(2, 64)).isZero();
    assertThat(region(2).frame(0)).isNegative();
    assertThat(region(2).version(0)).isZero();
  }

  @Test
  void shouldEraseARegionAndKeepItsReservation() {
    hold(1, 8);
    write(1, 3, 7, 700);

    store.erase(region(1));

    assertThat(store.usedFrames()).isZero();
    assertThat(region(1).version(3)).isZero();
    assertThat(region(1).frame(3)).isNegative();
    assertThat(store.reservedPages()).isEqualTo(8);
    assertThat(write(1, 3, 1, 100)).isTrue();
    assertThat(read(1, 3)).isEqualTo(100);
  }

  @Test
  void shouldFindThePagesThatWereEverWritten() {
    hold(1, 8);
    assertThat(region(1).nextVersioned(0)).isEqualTo(-1);
    write(1, 2, 1, 5);
    store.write(region(1), 5, 3, null, 0);

    assertThat(region(1).nextVersioned(0)).isEqualTo(2);
    assertThat(region(1).nextVersioned(3)).isEqualTo(5);
    assertThat(region(1).nextVersioned(6)).isEqualTo(-1);
  }

  @Test
  void shouldEraseFreedPagesBeforeAnyoneElseGetsTheirFrames() {
    try (FramePool pool = new FramePool(4)) {
      FreeFrames free = new FreeFrames(pool);
      for (int i = 0; i < 4; i++) {
        assertThat(free.take()).isEqualTo(i);
        fill(pool, i);
      }
      for (int i = 0; i < 4; i++) {
        free.give(i);
      }

      assertThat(free.zeroSome(2)).isEqualTo(2);

      for (int i = 0; i < 4; i++) {
        assertThat(isZero(pool, free.take())).isTrue();
      }
      assertThatThrownBy(free::take).isInstanceOf(IllegalStateException.class);
    }
  }

  @Test
  void shouldAgreeWithAModelUnderRandomCalls() {
    long seed = Long.getLong("splitrack.seed", System.nanoTime());
    System.out.println("PageStoreTest seed " + seed);
    Random random = new Random(seed);
    Map<Integer, Map<Integer, long[]>> model = new HashMap<>();
    Map<Integer, Integer> reserved = new HashMap<>();

    for (int step = 0; step < 100_000; step++) {
      int region = 1 + random.nextInt(6);
      int pages = reserved.getOrDefault(region, 0);
      switch (random.nextInt(10)) {
        case 0 -> {
          int wanted = 1 + random.nextInt(30);
          int total = reserved.values().stream().mapToInt(Integer::intValue).sum();
          int after = Math.max(pages, wanted);
          if (total - pages + after > CAPACITY) {
            assertThat(code(region, wanted)).isEqualTo(ControlFault.Code.FULL);
          } else {
            hold(region, wanted);
            reserved.put(region, after);
            model.computeIfAbsent(region, key -> new HashMap<>());
          }
        }
        case 1 -> {
          if (random.nextInt(8) == 0) {
            store.release(new RegionId(region));
            reserved.remove(region);
            model.remove(region);
          }
        }
        case 2 -> store.zeroSome(random.nextInt(3));
        default -> {
          if (pages > 0) {
            int page = random.nextInt(pages);
            long version = 1L + random.nextInt(1 + step / 100);
            long value = random.nextInt(3) == 0 ? 0 : 1 + random.nextLong(1 << 30);
            long[] held = pagesOf(model, region).getOrDefault(page, new long[] {0, 0});
            boolean taken =
                value == 0
                    ? store.write(region(region), page, version, null, 0)
                    : write(region, page, version, value);
            assertThat(taken).isEqualTo(version > held[0]);
            if (taken) {
              pagesOf(model, region).put(page, new long[] {version, value});
            }
          }
        }
      }
      assertThat(store.reservedPages())
          .isEqualTo(reserved.values().stream().mapToInt(Integer::intValue).sum());
      if (pages > 0 && reserved.containsKey(region)) {
        int page = random.nextInt(pages);
        long[] held = pagesOf(model, region).getOrDefault(page, new long[] {0, 0});
        assertThat(region(region).version(page)).isEqualTo(held[0]);
        assertThat(read(region, page)).isEqualTo(held[1]);
      }
    }
  }

  private static Map<Integer, long[]> pagesOf(
      Map<Integer, Map<Integer, long[]>> model, int region) {
    return Objects.requireNonNull(model.get(region));
  }

  /** Sets pages aside; what is left. */
  private long hold(int region, int pages) {
    store.hold(new RegionId(region), pages);
    return store.freePages();
  }

  private ControlFault.Code code(int region, int pages) {
    return catchThrowableOfType(ControlFault.class, () -> hold(region, pages)).code();
  }

  private HeldRegion region(int region) {
    return Objects.requireNonNull(store.find(region));
  }

  private boolean write(int region, int page, long version, long value) {
    MemorySegment bytes = MemorySegment.ofArray(new long[PAGE_BYTES / 8]);
    bytes.set(ValueLayout.JAVA_LONG, 0, value);
    bytes.set(ValueLayout.JAVA_LONG, PAGE_BYTES - 8, value);
    return store.write(region(region), page, version, bytes, 0);
  }

  /** What was written to the page, the same at its start and end; 0 for an absent one. */
  private long read(int region, int page) {
    int frame = region(region).frame(page);
    if (frame < 0) {
      return 0;
    }
    MemorySegment bytes = MemorySegment.ofArray(new long[PAGE_BYTES / 8]);
    store.read(frame, bytes, 0);
    long value = bytes.get(ValueLayout.JAVA_LONG, 0);
    assertThat(bytes.get(ValueLayout.JAVA_LONG, PAGE_BYTES - 8)).isEqualTo(value);
    return value;
  }

  private static void fill(FramePool pool, int frame) {
    pool.memory().asSlice((long) frame * PAGE_BYTES, PAGE_BYTES).fill((byte) 0xaa);
  }

  private static boolean isZero(FramePool pool, int frame) {
    MemorySegment page = pool.memory().asSlice((long) frame * PAGE_BYTES, PAGE_BYTES);
    return page.mismatch(MemorySegment.ofArray(new byte[PAGE_BYTES])) < 0;
  }
}
