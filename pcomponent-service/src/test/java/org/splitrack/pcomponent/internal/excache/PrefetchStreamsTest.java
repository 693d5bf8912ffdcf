package org.splitrack.pcomponent.internal.excache;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PrefetchStreamsTest {
  private static final int ROOM = 32;

  private final PrefetchStreams streams = new PrefetchStreams(Prefetch.LEAP);

  @Test
  void shouldRunAheadOfASequentialThreadOnceTwoStridesAgree() {
    // given
    miss(10);
    miss(11);
    assertThat(chosen()).isEmpty();
    // when
    miss(12);
    // then
    assertThat(chosen()).containsExactly(13, 14, 15, 16);
  }

  @Test
  void shouldFollowStridesBackwardsToo() {
    for (int page : new int[] {900, 893, 886}) {
      miss(page);
    }
    assertThat(chosen()).containsExactly(879, 872, 865, 858);
  }

  @Test
  void shouldKeepToAStreamAmongStrayFaults() {
    for (int page : new int[] {10, 11, 12}) {
      miss(page);
    }
    miss(20_000);
    streams.fault(13, true, ROOM);
    assertThat(chosen()).first().isEqualTo(17);
  }

  @Test
  void shouldTellInterleavedStreamsApart() {
    for (int i = 0; i < 3; i++) {
      miss(1_000 + i);
      miss(50_000 + 2 * i);
    }
    assertThat(chosen()).containsExactly(50_006, 50_008, 50_010, 50_012);
    streams.fault(1_003, true, ROOM);
    assertThat(chosen()).isNotEmpty().allMatch(page -> page > 1_003 && page < 1_100);
  }

  @Test
  void shouldWidenItsWindowWhileWhatItFetchesIsUsed() {
    List<Integer> all = new ArrayList<>();
    miss(1);
    miss(2);
    miss(3);
    all.addAll(chosen());
    for (int page = 4; page < 200; page++) {
      streams.fault(page, true, ROOM);
      assertThat(chosen()).hasSizeLessThanOrEqualTo(PrefetchStreams.MAX_WINDOW);
      all.addAll(chosen());
    }
    // Every page once, in order, in the end a full window ahead.
    assertThat(all).isSorted().doesNotHaveDuplicates();
    assertThat(all.getLast()).isGreaterThan(199 + PrefetchStreams.MAX_WINDOW / 2);
  }

  @Test
  void shouldChooseNothingForRandomFaults() {
    Random random = new Random(7);
    int chosen = 0;
    for (int i = 0; i < 1_000; i++) {
      miss(random.nextInt(500_000));
      chosen += streams.candidateCount();
    }
    assertThat(chosen).isLessThan(50);
  }

  @Test
  void shouldStayWithinTheRoomThereIs() {
    for (int page = 1; page < 6; page++) {
      streams.fault(page, false, 2);
      assertThat(streams.candidateCount()).isLessThanOrEqualTo(2);
    }
    streams.fault(6, false, 0);
    assertThat(chosen()).isEmpty();
  }

  private void miss(int page) {
    streams.fault(page, false, ROOM);
  }

  private List<Integer> chosen() {
    List<Integer> pages = new ArrayList<>();
    for (int i = 0; i < streams.candidateCount(); i++) {
      pages.add(streams.candidate(i));
    }
    return pages;
  }
}
