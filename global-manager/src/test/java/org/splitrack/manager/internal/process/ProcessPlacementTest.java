package org.splitrack.manager.internal.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.splitrack.fabric.ComponentId;
import org.splitrack.fabric.Role;
import org.splitrack.manager.internal.process.ProcessPlacement.Candidate;

class ProcessPlacementTest {
  @Test
  void shouldPreferTheFewestProcessesThenTheLeastLoadThenTheFirstName() {
    // given
    List<Candidate> candidates =
        List.of(
            new Candidate(p(3), 2, 0.0),
            new Candidate(p(2), 1, 0.5),
            new Candidate(p(1), 1, 0.1),
            new Candidate(p(0), 1, 0.5));
    // when
    List<Candidate> order = ProcessPlacement.order(candidates);
    // then
    assertThat(order).extracting(Candidate::component).containsExactly(p(1), p(0), p(2), p(3));
  }

  private static ComponentId p(int ordinal) {
    return new ComponentId(Role.PCOMPONENT, ordinal);
  }
}
