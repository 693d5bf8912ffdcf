package org.splitrack.cli.internal.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.splitrack.cli.internal.RackFailure;

class DemoTextTest {
  @TempDir Path folder;

  @Test
  void shouldTakeTheFileThatIsGiven() throws IOException {
    Path given = Files.writeString(folder.resolve("given"), "words");
    assertThat(DemoText.choose(given, folder).file()).isEqualTo(given);
  }

  @Test
  void shouldRefuseAFileThatIsNotThere() {
    assertThatThrownBy(() -> DemoText.choose(folder.resolve("missing"), folder))
        .isInstanceOf(RackFailure.class)
        .hasMessageContaining("missing");
  }

  @Test
  void shouldMakeTheSameTextFromTheSameSeed() throws IOException {
    Path one = folder.resolve("one");
    Path two = folder.resolve("two");
    DemoText.invent(one, 7, 1 << 20);
    DemoText.invent(two, 7, 1 << 20);
    assertThat(Files.size(one)).isEqualTo(1 << 20);
    assertThat(Files.mismatch(one, two)).isEqualTo(-1);
    assertThat(WordCount.of(one).counts()).hasSizeGreaterThan(10_000);
  }
}
