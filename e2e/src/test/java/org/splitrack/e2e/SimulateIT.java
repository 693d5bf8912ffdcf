package org.splitrack.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** {@code rack simulate}, as a person calls it; what it finds is tested where it is at home. */
class SimulateIT {
  private final Rack rack = Rack.down();

  @Test
  void shouldFindNothingWhereNothingIsWrong() {
    Rack.Outcome outcome = rack.command("simulate", "--seeds", "20", "--first-seed", "7001");

    assertThat(outcome.exitCode()).as(outcome.toString()).isZero();
    assertThat(outcome.out().strip()).isEqualTo("seeds 20 violations 0");
  }

  @Test
  void shouldNameTheSeedAtWhichAPlantedBugIsFoundAndFindItThereAgain() {
    // when
    Rack.Outcome found =
        rack.command("simulate", "--seeds", "300", "--plant", "ack-before-secondary");

    // then
    assertThat(found.exitCode()).as(found.toString()).isEqualTo(1);
    assertThat(found.out().strip().lines().reduce((_, last) -> last).orElseThrow())
        .matches("seeds \\d+ violations 1");
    String seed =
        found.out().lines().filter(line -> line.startsWith("seed=")).findFirst().orElseThrow();

    // when
    Rack.Outcome again =
        rack.command(
            "simulate",
            "--seeds",
            "1",
            "--first-seed",
            seed.substring("seed=".length(), seed.indexOf(' ')),
            "--plant",
            "ack-before-secondary");

    // then
    assertThat(again.exitCode()).isEqualTo(1);
    assertThat(again.out()).contains(seed);
  }

  @ParameterizedTest
  @CsvSource({
    "simulate,--seeds=N",
    "simulate --seeds none,is not a number",
    "simulate --seeds 1 --plant nothing,there is no bug 'nothing' to plant"
  })
  void shouldRefuseWhatMakesNoSenseInOneLine(String command, String reason) {
    Rack.Outcome outcome = rack.command(command.split(" ", -1));

    assertThat(outcome.exitCode()).isEqualTo(2);
    assertThat(outcome.err().strip().lines()).as(outcome.err()).hasSize(1);
    assertThat(outcome.err()).contains(reason);
  }
}
