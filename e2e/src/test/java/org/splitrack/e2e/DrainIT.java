package org.splitrack.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Components are emptied while programs run. */
@ExtendWith(SharedRack.class)
class DrainIT {
  private static final String LEAVES = "mcomponent-1";

  private final Rack rack;

  DrainIT(Rack rack) {
    this.rack = rack;
  }

  @BeforeEach
  @AfterEach
  void placeOnAllAgain() {
    assertThat(rack.command("drain", "--undo", LEAVES).exitCode()).isZero();
    assertThat(rack.command("drain", "--undo", "pcomponent-0").exitCode()).isZero();
  }

  @Test
  void shouldEmptyAMemoryComponentUnderAProgram() {
    try (HeldProgram program = holding128MiB()) {
      // given
      assertThat(copiesOn(LEAVES, program)).as("copies that have to leave").isPositive();

      // when
      Rack.Outcome drained = rack.command("drain", LEAVES);

      // then
      assertThat(drained.exitCode()).as(drained.err()).isZero();
      assertThat(drained.err()).contains("copies of regions are left");
      assertThat(copiesOn(LEAVES, program)).isZero();
      assertThat(stateOf(LEAVES)).isEqualTo("draining");
      Rack.Outcome refused = rack.command("migrate", program.anyRegion(), LEAVES);
      assertThat(refused.exitCode()).isEqualTo(1);
      assertThat(refused.err().strip())
          .isEqualTo("rack: mcomponent-1 is draining and takes no region");
      assertThat(copiesOn(LEAVES, program)).isZero();
      assertThat(rack.command("protected", "--wait").exitCode()).isZero();
      try (HeldProgram later = holding128MiB()) {
        assertThat(copiesOn(LEAVES, later)).as("copies of what came later").isZero();
        assertThat(later.finish().out()).contains("intact");
      }
      Rack.Outcome outcome = program.finish();
      assertThat(outcome.exitCode()).as(outcome.err()).isZero();
      assertThat(outcome.out()).contains("grown 2048", "intact");
    }
  }

  @Test
  void shouldRefuseToEmptyWhatTheOthersCannotHold() {
    try (HeldProgram program = holding128MiB()) {
      // given
      assertThat(rack.command("drain", LEAVES).exitCode()).isZero();

      // when
      Rack.Outcome refused = rack.command("drain", "mcomponent-0");

      // then
      assertThat(refused.exitCode()).isEqualTo(1);
      assertThat(refused.lastErrorLine())
          .contains("its regions want 2 mComponents and there would be 1");
      assertThat(stateOf("mcomponent-0")).isEqualTo("up");
      assertThat(rack.command("drain", "scomponent-0").lastErrorLine()).contains("is neither an");
      assertThat(program.finish().out()).contains("intact");
    }
  }

  @Test
  void shouldLetProgramsOfAProcessorComponentRunToTheirEnds() throws Exception {
    // given
    assertThat(rack.command("drain", "--no-wait", "pcomponent-0").out().strip())
        .isEqualTo("pcomponent-0");

    // when
    try (HeldProgram program = holding128MiB()) {
      Process waits = rack.start("drain", "pcomponent-1");

      // then
      assertThat(componentOf(program)).isEqualTo("pcomponent-1");
      assertThat(waits.errorReader().readLine()).contains("1 programs are left");
      assertThat(program.finish().out()).contains("intact");
      assertThat(waits.waitFor(60, TimeUnit.SECONDS)).as("the drain ends").isTrue();
      assertThat(waits.exitValue()).isZero();
    } finally {
      assertThat(rack.command("drain", "--undo", "pcomponent-1").exitCode()).isZero();
    }
  }

  private HeldProgram holding128MiB() {
    return HeldProgram.grown(rack, "8MiB", 2048);
  }

  private int copiesOn(String component, HeldProgram program) {
    return rack.sql(
            "SELECT region FROM api.regions WHERE process = %s AND (home = '%s' OR '%s' = ANY (secondaries))"
                .formatted(program.process(), component, component))
        .size();
  }

  private String componentOf(HeldProgram program) {
    return rack.sql("SELECT component FROM api.processes WHERE process = " + program.process())
        .path(0)
        .path("component")
        .asString();
  }

  private String stateOf(String component) {
    return rack.sql("SELECT state FROM api.components WHERE component = '%s'".formatted(component))
        .path(0)
        .path("state")
        .asString();
  }
}
