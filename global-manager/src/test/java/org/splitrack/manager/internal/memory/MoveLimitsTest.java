package org.splitrack.manager.internal.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.splitrack.fabric.region.CopyLimits;
import org.splitrack.fabric.report.StateChange.Event;
import org.splitrack.fabric.testkit.RecordingStateReporter;
import org.splitrack.manager.internal.report.RackReports;

class MoveLimitsTest {
  private final RecordingStateReporter reporter = new RecordingStateReporter();
  private final List<CopyLimits> applied = new ArrayList<>();
  private final MoveLimits limits =
      new MoveLimits(CopyLimits.DEFAULT, applied::add, new RackReports(reporter, component -> ""));

  private List<String> said() {
    return reporter.changes(Event.class).stream().map(Event::message).toList();
  }

  @Test
  void shouldHoldFromTheBeginningWithoutAWord() {
    limits.want("rack-limits", Map.of("movesAtOnce", "16", "copiesAtOnce", "16"));

    assertThat(applied).containsExactly(CopyLimits.DEFAULT);
    assertThat(said()).isEmpty();
  }

  @Test
  void shouldTakeOthersAtOnceAndSaySoInASentence() {
    limits.want("rack-limits", Map.of("movesAtOnce", "4"));
    limits.want("rack-limits", Map.of("movesAtOnce", "4"));

    assertThat(applied).containsExactly(CopyLimits.DEFAULT, new CopyLimits(4, 16));
    assertThat(said())
        .containsExactly(
            "at most 4 regions move at once and at most 16 lost copies are made again at once,"
                + " as rack-limits says");
  }

  @ParameterizedTest
  @CsvSource({
    "movesAtOnce, many, 'movesAtOnce is ''many'', not a whole number from 1 to 1024'",
    "movesAtOnce, 0, 'movesAtOnce is 0, not a whole number from 1 to 1024'",
    "copiesAtOnce, 1025, 'copiesAtOnce is 1025, not a whole number from 1 to 1024'",
    "moves, 4, there is no limit moves",
  })
  void shouldRefuseWrongOnesInOneLineAndKeepThoseThatHold(String name, String value, String why) {
    limits.want("rack-limits", Map.of("movesAtOnce", "4"));
    applied.clear();

    Map<String, String> wrong = new HashMap<>(Map.of("copiesAtOnce", "8"));
    wrong.put(name, value);
    limits.want("rack-limits", wrong);

    assertThat(applied).isEmpty();
    assertThat(said().getLast())
        .isEqualTo(
            "limits of rack-limits are refused: %s; still at most 4 regions move at once and at most 16 lost copies are made again at once"
                .formatted(why));
    limits.want("rack-limits", Map.of("copiesAtOnce", "8"));
    assertThat(applied).containsExactly(new CopyLimits(16, 8));
  }

  @Test
  void shouldReadThemFromPropertiesWithTheSameDefaults() {
    assertThat(MoveLimits.read(name -> null)).isEqualTo(CopyLimits.DEFAULT);
    assertThat(MoveLimits.read(Map.of("splitrack.limits.moves-at-once", "3")::get))
        .isEqualTo(new CopyLimits(3, CopyLimits.DEFAULT.copiesAtOnce()));
    assertThatThrownBy(() -> MoveLimits.read(Map.of("splitrack.limits.copies-at-once", "x")::get))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("copiesAtOnce is 'x', not a whole number from 1 to 1024");
  }
}
