package org.splitrack.fabric.config;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class StartUpCacheTest {
  @Test
  void shouldSayThatThereIsNone() {
    assertThat(StartUpCache.describe("", "mixed mode, sharing")).isEqualTo("start-up cache: none");
    assertThat(StartUpCache.describe()).isEqualTo("start-up cache: none");
  }

  @Test
  void shouldTellACacheInUseFromOneThatDoesNotFit() {
    assertThat(StartUpCache.describe("/app/start.aot", "mixed mode, sharing"))
        .isEqualTo("start-up cache: /app/start.aot is in use");
    assertThat(StartUpCache.describe("/app/start.aot", "mixed mode"))
        .isEqualTo("start-up cache: /app/start.aot does not fit this JVM and is not in use");
  }
}
