package org.splitrack.pcomponent.internal.excache;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CacheLimitTest {
  @Test
  void shouldAllowAQuarterOfThePagesTouchedButNeverFewerThan64() {
    CacheLimit limit = CacheLimit.parse("25%");
    assertThat(limit.frames(0)).isEqualTo(64);
    assertThat(limit.frames(256)).isEqualTo(64);
    assertThat(limit.frames(260)).isEqualTo(65);
    assertThat(limit.frames(500_000)).isEqualTo(125_000);
  }

  @Test
  void shouldTakeBytesAndNothingForAll() {
    assertThat(CacheLimit.parse("8388608").frames(5)).isEqualTo(2048);
    assertThat(CacheLimit.parse("1").frames(5)).isEqualTo(64);
    assertThat(CacheLimit.parse(null).frames(5)).isEqualTo(Integer.MAX_VALUE);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "%", "0%", "101%", "-5", "a lot", "25 %"})
  void shouldRefuseAnythingElseInOneLine(String text) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> CacheLimit.parse(text))
        .withMessageMatching("[^\n]+");
  }
}
