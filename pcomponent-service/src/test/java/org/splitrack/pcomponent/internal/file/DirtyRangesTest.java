package org.splitrack.pcomponent.internal.file;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class DirtyRangesTest {
  private static final int LENGTH = 200;

  private final DirtyRanges ranges = new DirtyRanges();

  @Test
  void shouldJoinWhatTouches() {
    ranges.add(10, 20);
    ranges.add(30, 40);
    ranges.add(20, 30);

    assertThat(drained()).containsExactly("10-40");
  }

  @Test
  void shouldRefuseOneRangeTooManyAndStillJoin() {
    for (int i = 0; i < DirtyRanges.MAX_RANGES; i++) {
      assertThat(ranges.add(4 * i, 4 * i + 1)).isTrue();
    }

    assertThat(ranges.add(150, 151)).isFalse();
    assertThat(ranges.add(1, 4)).isTrue();
    assertThat(ranges.add(150, 151)).isTrue();
    assertThat(drained()).startsWith("0-5").endsWith("150-151").hasSize(DirtyRanges.MAX_RANGES);
  }

  @Test
  void shouldForgetWhatIsBehindACut() {
    ranges.add(0, 10);
    ranges.add(20, 30);
    ranges.add(40, 50);

    ranges.cut(25);

    assertThat(drained()).containsExactly("0-10", "20-25");
  }

  @Test
  void shouldHoldExactlyTheBytesThatWereAdded() {
    long seed = Long.getLong("splitrack.seed", System.nanoTime());
    SplittableRandom random = new SplittableRandom(seed);
    BitSet model = new BitSet();
    for (int step = 0; step < 2_000; step++) {
      int start = random.nextInt(LENGTH);
      int end = random.nextInt(start + 1, LENGTH + 1);
      switch (random.nextInt(6)) {
        case 0 -> {
          ranges.cut(start);
          model.clear(start, LENGTH);
        }
        case 1 -> {
          if (!ranges.isEmpty()) {
            model.clear(ranges.firstStart(), ranges.firstEnd());
            ranges.removeFirst();
          }
        }
        default -> {
          if (ranges.add(start, Math.min(end, start + 9))) {
            model.set(start, Math.min(end, start + 9));
          }
        }
      }
    }

    assertThat(String.join(",", drained())).as("seed %d", seed).isEqualTo(shown(model));
  }

  private List<String> drained() {
    List<String> all = new ArrayList<>();
    while (!ranges.isEmpty()) {
      all.add(ranges.firstStart() + "-" + ranges.firstEnd());
      ranges.removeFirst();
    }
    return all;
  }

  private static String shown(BitSet bits) {
    List<String> all = new ArrayList<>();
    for (int start = bits.nextSetBit(0);
        start >= 0;
        start = bits.nextSetBit(bits.nextClearBit(start))) {
      all.add(start + "-" + bits.nextClearBit(start));
    }
    return String.join(",", all);
  }
}
