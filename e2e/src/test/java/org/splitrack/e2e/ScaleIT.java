package org.splitrack.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A rack gets more components and fewer while programs run. */
@ExtendWith(SharedRack.class)
class ScaleIT {
  private final Rack rack;

  ScaleIT(Rack rack) {
    this.rack = rack;
  }

  @AfterEach
  void asBefore() {
    rack.succeed("scale", "memory", "3");
    rack.succeed("scale", "processor", "2");
    assertThat(rack.command("up").lastErrorLine())
        .isEqualTo("rack: the rack is up: 2 pComponents, 3 mComponents, 2 sComponents");
  }

  @Test
  void shouldUseMoreMemoryComponentsAndEmptyThoseThatGo() {
    try (HeldProgram early = holding128MiB("--ack", "none")) {
      // when
      Rack.Outcome grown = rack.command("scale", "memory", "5");

      // then
      assertThat(grown.exitCode()).as(grown.err()).isZero();
      assertThat(grown.lastErrorLine()).isEqualTo("rack: 5 mComponents, 3 before");
      try (HeldProgram late = holding128MiB()) {
        assertThat(rack.holdersOf(late.process())).contains("mcomponent-3", "mcomponent-4");

        // given an only copy on one that goes
        rack.succeed("migrate", early.anyRegion(), "mcomponent-4");
        assertThat(rack.holdersOf(early.process())).contains("mcomponent-4");
        List<ProcessHandle> going =
            List.of(rack.processOf("mcomponent-3"), rack.processOf("mcomponent-4"));

        // when
        Rack.Outcome shrunk = rack.command("scale", "memory", "2");

        // then
        assertThat(shrunk.exitCode()).as(shrunk.err()).isZero();
        assertThat(shrunk.err()).contains("copies of regions are left");
        assertThat(going).noneMatch(Rack::runs);
        Set<String> stayed = Set.of("mcomponent-0", "mcomponent-1");
        assertThat(rack.holdersOf(early.process())).isSubsetOf(stayed);
        assertThat(rack.holdersOf(late.process())).isEqualTo(stayed);
        assertThat(
                rack.rows(
                    "SELECT 1 FROM api.regions WHERE cardinality(secondaries) = 0 AND process = "
                        + late.process()))
            .isEmpty();
        assertThat(rack.rows("SELECT 1 FROM api.failovers WHERE component > 'mcomponent-2'"))
            .as("nothing had to be saved after the fact")
            .isEmpty();
        assertThat(late.finish().out()).contains("intact");
      }
      assertThat(early.finish().out()).contains("intact");
    }
  }

  @Test
  void shouldRefuseToEndComponentsWhoseMemoryTheOthersCannotHold() {
    try (HeldProgram program = holding128MiB()) {
      Set<String> before = rack.holdersOf(program.process());

      Rack.Outcome refused = rack.command("scale", "memory", "1");

      assertThat(refused.exitCode()).isEqualTo(1);
      assertThat(refused.lastErrorLine())
          .isEqualTo(
              "rack: mcomponent-1 and mcomponent-2 cannot be emptied:"
                  + " their regions want 2 mComponents and there would be 1");
      assertThat(rack.holdersOf(program.process())).isEqualTo(before);
      assertThat(rack.rows("SELECT component FROM api.components WHERE state = 'draining'"))
          .isEmpty();
      assertThat(program.finish().out()).contains("intact");
    }
  }

  @Test
  void shouldLetProgramsRunToTheirEndsWhosePComponentGoes() throws Exception {
    rack.succeed("scale", "processor", "3");
    rack.succeed("drain", "pcomponent-0");
    rack.succeed("drain", "pcomponent-1");
    try (HeldProgram program = holding128MiB()) {
      rack.succeed("drain", "--undo", "pcomponent-0");
      rack.succeed("drain", "--undo", "pcomponent-1");

      Process shrinks = rack.start("scale", "processor", "2");

      assertThat(shrinks.errorReader().readLine())
          .isEqualTo("rack: pcomponent-2: 1 programs are left");
      assertThat(program.finish().out()).contains("intact");
      assertThat(shrinks.waitFor()).isZero();
    }
  }

  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '"',
      value = {
        "memory, 0, 2, a rack has at least one of each role",
        "memory, many, 2, 'many' is not an int",
        "memory, 1000, 2, is not between 1 and 32",
        "tables, 2, 2, 'tables' is none of processor",
        "storage, 1, 1, sComponents cannot leave in this version"
      })
  void shouldRefuseInOneLineWhatMakesNoSense(
      String role, String count, int exitCode, String reason) {
    Rack.Outcome refused = rack.command("scale", role, count);

    assertThat(refused.exitCode()).isEqualTo(exitCode);
    assertThat(refused.err().strip().lines()).as(refused.err()).hasSize(1);
    assertThat(refused.err()).contains(reason);
  }

  private HeldProgram holding128MiB(String... options) {
    return HeldProgram.grown(rack, "8MiB", 2048, options);
  }
}
