package org.splitrack.fabric.report;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.splitrack.fabric.BootId;

class StateTopicTest {
  private static final Instant AT = Instant.parse("2026-01-02T03:04:05.123456Z");

  @Test
  void shouldReadBackWhatItWrites() {
    // given
    var change =
        new StateChange.ProcessState(
            7,
            "wc",
            "/bin/wc.wasm",
            "ab".repeat(32),
            List.of("wc", "ä\"\n"),
            "default",
            "root",
            "pcomponent-0",
            "exited",
            0,
            "none",
            "default",
            AT,
            AT.plusMillis(5),
            Map.of("wall_ms", 12));
    var envelope = new StateEnvelope("global-manager-0", new BootId(-2), 9, AT, change);

    // when
    byte[] value = StateTopic.encode(envelope);

    // then
    assertThat(StateTopic.decode(value)).isEqualTo(envelope);
  }

  @Test
  void shouldWriteSnakeCaseAndIsoTimes() {
    // given
    var change = new StateChange.Event("component_up", null, 3L, null, "It is up.", Map.of());

    // when
    byte[] value =
        StateTopic.encode(new StateEnvelope("mcomponent-0", new BootId(15), 1, AT, change));

    // then
    assertThat(new String(value, StandardCharsets.UTF_8))
        .isEqualTo(
            """
            {"source":"mcomponent-0","boot":"000000000000000f","sequence":1,\
            "at":"2026-01-02T03:04:05.123456Z","change":{"kind":"event","name":"component_up",\
            "process":null,"region":3,"cause":null,"message":"It is up.","details":{}}}\
            """);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "null",
        "[]",
        "{\"source\":",
        "{}",
        "{\"source\":\"a\",\"boot\":\"0\",\"sequence\":1}",
        "{\"source\":\"kafka-0\",\"boot\":\"1\",\"sequence\":1,\"at\":\"2026-01-02T03:04:05Z\",\"change\":null}",
        "{\"source\":\"kafka-0\",\"boot\":\"1\",\"sequence\":0,\"at\":\"2026-01-02T03:04:05Z\","
            + "\"change\":{\"kind\":\"event\",\"name\":\"x\",\"message\":\"y\"}}",
        "{\"source\":\"kafka-0\",\"boot\":\"1\",\"sequence\":1,\"at\":\"2026-01-02T03:04:05Z\","
            + "\"change\":{\"kind\":\"weather\"}}",
        "{\"source\":\"a\\u0000\",\"boot\":\"1\",\"sequence\":1,\"at\":\"2026-01-02T03:04:05Z\","
            + "\"change\":{\"kind\":\"event\",\"name\":\"x\",\"message\":\"y\"}}",
        "{\"source\":\"kafka-0\",\"boot\":\"1\",\"sequence\":1,\"at\":\"+20000-01-02T03:04:05Z\","
            + "\"change\":{\"kind\":\"event\",\"name\":\"x\",\"message\":\"y\"}}"
      })
  void shouldRefuseWhatIsNoStateChangeInOneLine(String value) {
    assertThatThrownBy(() -> StateTopic.decode(value.getBytes(StandardCharsets.UTF_8)))
        .isInstanceOf(IllegalArgumentException.class)
        .message()
        .isNotBlank()
        .hasLineCount(1);
  }

  @Test
  void shouldRefuseAValueAboveTheLimitBeforeReadingIt() {
    assertThatThrownBy(() -> StateTopic.decode(new byte[StateTopic.VALUE_LIMIT_BYTES + 1]))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("limit");
  }
}
