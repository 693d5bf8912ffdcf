package org.splitrack.cli.internal.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine.TypeConversionException;

class ConvertersTest {
  @ParameterizedTest
  @CsvSource({"10s, 10000", "500ms, 500", "2m, 120000", "1h, 3600000", "7, 7000"})
  void shouldReadDurations(String text, long millis) {
    assertThat(new DurationText().convert(text)).isEqualTo(Duration.ofMillis(millis));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "s", "-1s", "1.5s", "1d", "99999999999s"})
  void shouldRefuseWhatIsNoDuration(String text) {
    assertThatThrownBy(() -> new DurationText().convert(text))
        .isInstanceOf(TypeConversionException.class);
  }

  @ParameterizedTest
  @CsvSource({"1, 1", "1k, 1024", "512MiB, 536870912", "2g, 2147483648", "3GB, 3221225472"})
  void shouldReadBytes(String text, long bytes) {
    assertThat(new BytesText().convert(text)).isEqualTo(bytes);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "k", "-1", "1t", "999999999999999g", "9999999999999999"})
  void shouldRefuseWhatIsNoNumberOfBytes(String text) {
    assertThatThrownBy(() -> new BytesText().convert(text))
        .isInstanceOf(TypeConversionException.class);
  }

  @Test
  void shouldAcceptARackPathWithOrWithoutItsScheme() {
    assertThat(RackPath.of("rack:/a/b")).isEqualTo("/a/b");
    assertThat(RackPath.of("/a/b")).isEqualTo("/a/b");
  }
}
