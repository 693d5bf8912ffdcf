package org.splitrack.cli.internal.machine;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import org.junit.jupiter.api.Test;

class ProcessMarkTest {
  @Test
  void shouldKnowAProcessUntilItEnds() throws IOException {
    // given
    Process process = new ProcessBuilder("sleep", "600").start();
    ProcessMark mark = ProcessMark.of(process.pid()).orElseThrow();
    assertThat(mark.alive()).isTrue();

    // when
    mark.signal("KILL");

    // then
    await().until(() -> !mark.alive());
    mark.signal("TERM");
  }

  @Test
  void shouldNotTakeALaterProcessOfTheSameNumberForIt() {
    ProcessMark self = ProcessMark.of(ProcessHandle.current().pid()).orElseThrow();
    assertThat(new ProcessMark(self.pid(), self.startTicks() + 1).alive()).isFalse();
  }

  @Test
  void shouldKnowNoProcessThatNeverWas() {
    assertThat(ProcessMark.of(Integer.MAX_VALUE)).isEmpty();
  }
}
