package org.splitrack.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** A rack whose memory components are small: 3 × 64 MiB. */
class MemoryIT {
  /** Of 64 KiB, on all three. */
  private static final long ALL_PAGES = 3 * 64 * 16;

  private static Rack rack;

  @BeforeAll
  static void start() {
    rack = Rack.up("--memory-limit", "67108864", "--processors", "1", "--storages", "1");
  }

  @AfterAll
  static void stop() {
    rack.close();
  }

  @Test
  void shouldRunAProgramThatIsLargerThanAnyOneMemoryComponent() {
    // when
    JsonNode stats =
        rack.stats(
            "--cache",
            "25%",
            "--ack",
            "none",
            Rack.example("testbed/memcheck"),
            "104857600",
            "1",
            "7");

    // then
    assertThat(stats.path("pages_touched").asLong() * 4096).isGreaterThan(100L << 20);
    assertThat(stats.path("mcomponents").asInt()).isEqualTo(3);
  }

  @Test
  void shouldRefuseToGrowWhenAllAreFullAndLive() {
    // when
    Rack.Outcome greedy = rack.command("run", "--cache", "4194304", Rack.example("testbed/grow"));

    // then
    assertThat(greedy.exitCode()).as(greedy.out() + greedy.err()).isZero();
    assertThat(greedy.out()).contains("refused 1", "intact");
    assertThat(grown(greedy)).as("64 KiB pages in two copies").isBetween(1L, ALL_PAGES / 2);
    assertThat(rack.command("run", Rack.example("testbed/exitcode"), "3").exitCode()).isEqualTo(3);
    Rack.Outcome again = rack.command("run", "--cache", "4194304", Rack.example("testbed/grow"));
    assertThat(again.out()).as("what ended has given its memory back").isEqualTo(greedy.out());
    Rack.Outcome unprotected =
        rack.command("run", "--cache", "4194304", "--ack", "none", Rack.example("testbed/grow"));
    assertThat(unprotected.out()).contains("refused 1", "intact");
    assertThat(grown(unprotected))
        .as("with room for one copy, where there is none for two")
        .isBetween(ALL_PAGES / 2 + 1, ALL_PAGES);
  }

  private static long grown(Rack.Outcome outcome) {
    return outcome
        .out()
        .lines()
        .filter(line -> line.startsWith("grown "))
        .mapToLong(line -> Long.parseLong(line.substring("grown ".length())))
        .sum();
  }

  @Test
  void shouldSayWhatAProgramNeedsThatIsLargerThanTheRack() {
    Rack.Outcome outcome = rack.command("run", Rack.example("testbed/huge"));

    assertThat(outcome.exitCode()).isEqualTo(125);
    assertThat(outcome.lastErrorLine()).contains("MiB");
  }

  @Test
  void shouldShowRegionsSpreadOverTheMemoryComponents() {
    String process =
        rack.command(
                "run",
                "--detach",
                "--cache",
                "4194304",
                "--ack",
                "none",
                Rack.example("testbed/memcheck"),
                "104857600",
                "50",
                "7")
            .out()
            .strip();

    org.awaitility.Awaitility.await()
        .atMost(java.time.Duration.ofSeconds(60))
        .until(
            () ->
                rack.sql("SELECT DISTINCT home FROM api.regions WHERE process = " + process).size()
                    == 3);

    assertThat(rack.command("stop", process).exitCode()).isZero();
    assertThat(rack.command("wait", process).exitCode()).isEqualTo(143);
    rack.succeed("sync");
    assertThat(rack.sql("SELECT region FROM api.regions WHERE process = " + process)).isEmpty();
  }

  @Test
  void shouldRefuseToMoveARegionToAComponentThatIsFull() {
    try (HeldProgram filler =
        HeldProgram.start(
            rack, "--ack", "none", Rack.example("testbed/grow"), "64", "832", "832")) {
      for (JsonNode row :
          rack.sql(
              "SELECT region FROM api.regions WHERE home <> 'mcomponent-0' AND process = "
                  + filler.process())) {
        rack.succeed("migrate", row.path("region").asString(), "mcomponent-0");
      }
      try (HeldProgram other =
          HeldProgram.start(
              rack, "--ack", "none", Rack.example("testbed/grow"), "64", "256", "256")) {
        String large =
            "SELECT region, home FROM api.regions WHERE pages = 4096 AND process = "
                + other.process();
        JsonNode region = rack.sql(large).path(0);
        assertThat(region.path("home").asString()).isNotEqualTo("mcomponent-0");

        Rack.Outcome refused =
            rack.command("migrate", region.path("region").asString(), "mcomponent-0");

        assertThat(refused.exitCode()).isEqualTo(1);
        assertThat(refused.err().strip().lines()).as(refused.err()).hasSize(1);
        assertThat(refused.err()).contains("mcomponent-0 is full: region ");
        assertThat(rack.sql(large).path(0)).isEqualTo(region);
        assertThat(other.finish().out()).contains("intact");
      }
      assertThat(filler.finish().out()).contains("intact");
    }
  }

  /** As a C program does, whose allocator asks for a few pages at a time. */
  @ParameterizedTest
  @ValueSource(strings = {"home", "secondaries[1]"})
  void shouldLetARegionGrowThoughAComponentThatHoldsItIsFull(String holder) {
    // given a program that has reserved a quarter of its region, and one that takes what is left
    // where that lies
    try (HeldProgram grower =
            HeldProgram.start(rack, Rack.example("testbed/grow"), "1", "240", "64");
        HeldProgram filler =
            HeldProgram.start(
                rack, "--ack", "none", Rack.example("testbed/grow"), "64", "832", "832")) {
      JsonNode region =
          rack.sql(
                  "SELECT region, %s AS full FROM api.regions WHERE process = %s"
                      .formatted(holder, grower.process()))
              .path(0);
      String full = region.path("full").asString();
      for (JsonNode row :
          rack.sql(
              "SELECT region FROM api.regions WHERE process = %s AND home <> '%s'"
                  .formatted(filler.process(), full))) {
        Rack.Outcome moved = rack.command("migrate", row.path("region").asString(), full);
        assertThat(moved.exitCode()).as(moved.err()).isZero();
      }

      // when it asks for the rest
      Rack.Outcome outcome = grower.finish();

      // then its region has gone elsewhere, with all that was in it
      assertThat(outcome.exitCode()).as(outcome.err()).isZero();
      assertThat(outcome.out()).contains("grown 240", "refused 0", "intact");
      assertThat(
              rack.sql(
                  "SELECT DISTINCT %s FROM api.region_history WHERE %s IS NOT NULL AND region = %s"
                      .formatted(holder, holder, region.path("region").asString())))
          .as("holders of the region that had to grow")
          .hasSize(2);
      assertThat(filler.finish().out()).contains("intact");
    }
  }
}
