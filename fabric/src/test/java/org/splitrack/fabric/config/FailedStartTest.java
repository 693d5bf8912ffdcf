package org.splitrack.fabric.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.NoSuchFileException;
import org.junit.jupiter.api.Test;

class FailedStartTest {
  @Test
  void shouldNameThePropertyThatIsWrong() {
    Throwable failure = catchThrowable(() -> ComponentSettings.read(name -> null));

    assertThat(FailedStart.line(new IllegalStateException("a bean failed", failure)))
        .isEqualTo("splitrack.component is not set");
  }

  @Test
  void shouldNameTheFileThatIsMissingAndWhatIsWrongWithIt() {
    assertThat(FailedStart.line(new RuntimeException(new NoSuchFileException("/secrets/rack"))))
        .isEqualTo("NoSuchFileException: /secrets/rack");
    assertThat(
            FailedStart.line(
                new RuntimeException(
                    new UncheckedIOException("cannot listen on 1", new IOException("taken")))))
        .isEqualTo("cannot listen on 1");
  }

  @Test
  void shouldEndWithOneLineOfADefectToo() {
    assertThat(FailedStart.line(new IllegalStateException("outer", new Error("first\nsecond"))))
        .isEqualTo("first");
  }
}
