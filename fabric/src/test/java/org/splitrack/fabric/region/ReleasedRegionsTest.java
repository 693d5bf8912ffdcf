package org.splitrack.fabric.region;

import static org.assertj.core.api.Assertions.assertThat;
import static org.splitrack.fabric.region.Places.A;
import static org.splitrack.fabric.region.Places.B;
import static org.splitrack.fabric.region.Places.C;
import static org.splitrack.fabric.region.Places.REGION;
import static org.splitrack.fabric.region.Places.first;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.splitrack.fabric.RegionId;
import org.splitrack.fabric.region.Learner.Purpose;

class ReleasedRegionsTest {
  private final ReleasedRegions released = new ReleasedRegions();
  private final RegionConfig row = first(AckMode.SAFE, A, B);
  private final RegionConfig learning = row.learning(new Learner(C, Purpose.SECONDARY), 1);

  @Test
  void shouldBeginWithTheFirstConfigurationOrALearnerOnly() {
    assertThat(released.mayBegin(row, A.boot())).isTrue();
    assertThat(released.mayBegin(row, B.boot())).isTrue();
    assertThat(released.mayBegin(learning, C.boot())).isTrue();
    assertThat(released.mayBegin(learning, A.boot())).isFalse();
    assertThat(released.mayBegin(row.rehomed(B, List.of(), 1), B.boot())).isFalse();
  }

  @Test
  void shouldNotBeginAgainWithALateInstallation() {
    released.add(REGION, learning.epoch());

    assertThat(released.mayBegin(row, A.boot())).isFalse();
    assertThat(released.mayBegin(learning, C.boot())).isFalse();
    assertThat(released.mayReserve(REGION, learning.epoch() - 1)).isFalse();
    assertThat(released.mayReserve(REGION, learning.epoch())).isTrue();
    RegionConfig later =
        learning.keeping(List.of(), 1).learning(new Learner(C, Purpose.SECONDARY), 1);
    assertThat(released.mayBegin(later, C.boot())).isTrue();
  }

  @Test
  void shouldForgetTheOldestBeyondTheLimit() {
    for (int i = 0; i < ReleasedRegions.MAX_REMEMBERED; i++) {
      released.add(new RegionId(100 + i), 5);
    }
    assertThat(released.mayReserve(new RegionId(100), 1)).isFalse();

    released.add(REGION, 5);

    assertThat(released.mayReserve(new RegionId(100), 1)).isTrue();
    assertThat(released.mayReserve(new RegionId(101), 1)).isFalse();
  }
}
