package org.splitrack.cli.internal.machine;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.splitrack.fabric.Role;

class RackCountsTest {
  @Test
  void shouldBeTheContractsByDefault() {
    assertThat(RackCounts.DEFAULT.of(Role.PCOMPONENT)).hasSize(2);
    assertThat(RackCounts.DEFAULT.of(Role.MCOMPONENT)).hasSize(3);
    assertThat(RackCounts.DEFAULT.of(Role.SCOMPONENT)).hasSize(2);
    assertThat(RackCounts.DEFAULT.components()).isEqualTo(11);
  }

  @Test
  void shouldKeepWhatACommandLeavesOut() {
    RackCounts before = new RackCounts(4, 5, 6, 1, 1 << 26);
    assertThat(WantedCounts.ANY.over(before)).isEqualTo(before);
    assertThat(new WantedCounts(1, null, null, null, null).over(before))
        .isEqualTo(new RackCounts(1, 5, 6, 1, 1 << 26));
  }
}
