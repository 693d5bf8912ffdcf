package org.splitrack.manager.internal.pod;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.splitrack.fabric.ComponentId;

class WaitsTest {
  private static final ComponentId TABLES = ComponentId.parse("table-service-0");
  private static final ComponentId MANAGER = ComponentId.parse("global-manager-0");

  private final List<String> said = new ArrayList<>();
  private long nowNs;
  private final Waits waits = new Waits(() -> nowNs);

  @BeforeEach
  void listen() {
    waits.onLong((component, sentence) -> said.add(component + ": " + sentence));
  }

  @Test
  void shouldSayNothingOfWhatAStartTakes() {
    waits.on(TABLES, "Kafka: not yet");
    pass(Waits.LONG.minusMillis(1));
    waits.on(TABLES, "Kafka: not yet");
    waits.on(TABLES, "");
    pass(Waits.LONG);
    waits.on(TABLES, "Kafka: gone");

    assertThat(said).isEmpty();
  }

  @Test
  void shouldSayOnceWhatIsWaitedForAndRemindOfItBeforeItIsForgotten() {
    for (Duration passed = Duration.ZERO;
        passed.compareTo(Waits.LONG.plus(Waits.REMINDED)) <= 0;
        passed = passed.plusSeconds(1)) {
      waits.on(TABLES, "PostgreSQL: refused");
      pass(Duration.ofSeconds(1));
    }

    String sentence = "table-service-0: table-service-0 waits for PostgreSQL: refused";
    assertThat(said).containsExactly(sentence, sentence);
  }

  @Test
  void shouldSayAnotherReasonAfterAMinuteAndKeepComponentsApart() {
    waits.on(TABLES, "PostgreSQL: refused");
    waits.on(MANAGER, "Kafka: gone");
    pass(Waits.LONG);
    waits.on(TABLES, "PostgreSQL: refused");
    waits.on(TABLES, "PostgreSQL: timed out");
    waits.on(MANAGER, "Kafka: gone");
    pass(Waits.SAID_AGAIN);
    waits.on(TABLES, "PostgreSQL: timed out");

    assertThat(said)
        .containsExactly(
            "table-service-0: table-service-0 waits for PostgreSQL: refused",
            "global-manager-0: global-manager-0 waits for Kafka: gone",
            "table-service-0: table-service-0 waits for PostgreSQL: timed out");
  }

  private void pass(Duration time) {
    nowNs += time.toNanos();
  }
}
