package org.splitrack.jobs.internal.pages;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Map;
import org.junit.jupiter.api.Test;
import org.splitrack.jobs.internal.JobFailure;

class PageJobsTest {
  @Test
  void shouldPrintTimesThatCanBeReadAgain() {
    PageJobs.Pair pair = new PageJobs.Pair(61.5, 58.25, 120, 131.75);

    assertThat(PageJobs.Pair.isOne(pair.toString())).isTrue();
    assertThat(PageJobs.Pair.parse(pair.toString())).isEqualTo(pair);
  }

  @Test
  void shouldRefuseALineThatIsCut() {
    assertThatThrownBy(() -> PageJobs.Pair.parse("pair 1.0 2.0"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("no times of fetches: pair 1.0 2.0");
  }

  @Test
  void shouldSayInOneLineWhatItIsNotTold() {
    Map<String, String> environment = Map.of();

    assertThatThrownBy(() -> PageJobs.answer(environment::get))
        .isInstanceOf(JobFailure.class)
        .hasMessage("SPLITRACK_PAGES_PORT is not set");
  }
}
