package org.splitrack.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import tools.jackson.databind.JsonNode;

/**
 * Faults at seeded moments under a program that computes in memory which does not fit into its
 * cache. {@code -Dsplitrack.seed=} repeats a run.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class FailoverIT {
  private static final long SEED = Long.getLong("splitrack.seed", System.nanoTime());
  private static final SplittableRandom RANDOM = new SplittableRandom(SEED);

  private static final String[] PROGRAM = {
    Rack.example("kmeans"), "--points", "1M", "--iterations", "6", "--clusters", "32"
  };

  /** The same for twice as long: many commands are given while it runs. */
  private static final String[] LONG_PROGRAM = {
    Rack.example("kmeans"), "--points", "1M", "--iterations", "6", "--clusters", "64"
  };

  private static Rack rack;
  private static String plain;
  private static String plainLong;

  private final Set<String> hurt = new LinkedHashSet<>();

  @BeforeAll
  static void start() {
    System.out.println("FailoverIT seed " + SEED);
    rack = Rack.up("--storages", "1");
    // Everything resident and nothing killed: what the faulted runs must print too.
    plain = undisturbed(PROGRAM);
    plainLong = undisturbed(LONG_PROGRAM);
  }

  private static String undisturbed(String... program) {
    List<String> words = new ArrayList<>(List.of("run"));
    words.addAll(List.of(program));
    Rack.Outcome outcome = rack.command(words.toArray(String[]::new));
    assertThat(outcome.exitCode()).as(outcome.err()).isZero();
    assertThat(outcome.out()).isNotBlank();
    return outcome.out();
  }

  @AfterAll
  static void stop() {
    rack.close();
  }

  /** A fault that a failed test has left behind would fail all that come after it. */
  @AfterEach
  void mend() {
    for (String component : hurt) {
      rack.command("resume", component);
      rack.command("heal", component);
    }
    if (!hurt.isEmpty()) {
      rack.command("up", "--storages", "1");
      hurt.clear();
    }
  }

  @Test
  @Order(1)
  void shouldGoOnWhenTheHomeOfAProgramsMemoryIsKilled() throws InterruptedException {
    // given
    RunningProgram program = RunningProgram.start(rack, "safe", PROGRAM);
    rack.succeed("protected", "--wait");
    letItRun();
    RunningProgram.Lies before = program.mostlyLies();
    assertThat(program.homesAt(before.home())).isPositive();

    // when
    program.assertRuns("before the kill");
    hurt("kill", before.home());
    program.assertRuns("after the kill");

    // then every region has two copies again, by itself, while the program goes on
    rack.succeed("protected", "--wait");
    assertThat(program.homesAt(before.home())).isZero();
    Rack.Outcome end = program.end();
    assertThat(end.exitCode()).as(end.err()).isZero();
    assertThat(end.out()).isEqualTo(plain);

    // and the tables tell it, each row with the one that led to it
    JsonNode history = history(before.region());
    assertThat(history.size()).isGreaterThan(1);
    assertThat(epochs(history)).isSorted().doesNotHaveDuplicates();
    assertThat(kinds(program, before)).contains("region_failed_over", "region_protected");
    JsonNode failover =
        rack.sql(
                "SELECT * FROM api.failovers WHERE component = '%s' ORDER BY failover DESC"
                    .formatted(before.home()))
            .path(0);
    assertThat(failover.path("regions").asInt()).isPositive();
    assertThat(failover.path("committed_at").isNull()).isFalse();
    assertThat(failover.path("protected_at").isNull()).isFalse();
    restore(before.home());
  }

  @Test
  @Order(2)
  void shouldLoseAProgramWithOneCopyWhenItsHomeIsKilled() throws InterruptedException {
    // given: the same without a second copy; the control that shows that the kill hits memory
    RunningProgram program = RunningProgram.start(rack, "none", PROGRAM);
    letItRun();
    RunningProgram.Lies before = program.mostlyLies();
    assertThat(before.secondaries()).isEmpty();

    // when
    program.assertRuns("before the kill");
    hurt("kill", before.home());

    // then it ends, and says why in one line
    Rack.Outcome end = program.end();
    assertThat(end.exitCode()).as(end.out() + end.err()).isEqualTo(125);
    assertThat(end.out()).isNotEqualTo(plain);
    assertThat(end.lastErrorLine())
        .contains("process " + program.process() + " lost: ")
        .contains(before.home())
        .contains("only copy");
    restore(before.home());
    assertThat(
            rack.sql("SELECT state FROM api.processes WHERE process = " + program.process())
                .path(0)
                .path("state")
                .asString())
        .isEqualTo("lost");
  }

  @Test
  @Order(3)
  void shouldGoOnWhenTheSecondCopyIsKilled() throws InterruptedException {
    // given
    RunningProgram program = RunningProgram.start(rack, "safe", PROGRAM);
    rack.succeed("protected", "--wait");
    letItRun();
    RunningProgram.Lies before = program.mostlyLies();
    String copy = before.secondaries().getFirst();

    // when
    hurt("kill", copy);
    program.assertRuns("after the kill");

    // then
    rack.succeed("protected", "--wait");
    JsonNode region =
        rack.sql(
                "SELECT home, secondaries, copies FROM api.regions WHERE region = "
                    + before.region())
            .path(0);
    assertThat(region.path("secondaries").path(0).asString()).isNotEqualTo(copy);
    Rack.Outcome end = program.end();
    assertThat(end.exitCode()).as(end.err()).isZero();
    assertThat(end.out()).isEqualTo(plain);
    restore(copy);
  }

  @Test
  @Order(4)
  void shouldServeNothingStaleWhenAPausedHomeWakesUp() throws InterruptedException {
    // given
    RunningProgram program = RunningProgram.start(rack, "safe", LONG_PROGRAM);
    rack.succeed("protected", "--wait");
    letItRun();
    RunningProgram.Lies before = program.mostlyLies();

    // when it is silent until others have taken its regions over, and then goes on as if nothing
    hurt("pause", before.home());
    program.assertRuns("after the pause");
    await().atMost(Duration.ofSeconds(30)).until(() -> program.homesAt(before.home()) == 0);
    program.assertRuns("when its regions have moved");
    rack.succeed("resume", before.home());

    // then
    Rack.Outcome end = program.end();
    assertThat(end.exitCode()).as(end.err()).isZero();
    assertThat(end.out()).isEqualTo(plainLong);
    awaitUp(before.home());
  }

  @Test
  @Order(5)
  void shouldGoOnWhenAHomeIsCutOff() throws InterruptedException {
    // given
    RunningProgram program = RunningProgram.start(rack, "safe", LONG_PROGRAM);
    rack.succeed("protected", "--wait");
    letItRun();
    RunningProgram.Lies before = program.mostlyLies();

    // when nothing passes any more, and nobody is told
    hurt("cut", before.home());
    program.assertRuns("after the cut");
    await().atMost(Duration.ofSeconds(30)).until(() -> program.homesAt(before.home()) == 0);
    program.assertRuns("when its regions have moved");
    // What was held back arrives now, late.
    rack.succeed("heal", before.home());

    // then
    Rack.Outcome end = program.end();
    assertThat(end.exitCode()).as(end.err()).isZero();
    assertThat(end.out()).isEqualTo(plainLong);
    awaitUp(before.home());
  }

  @Test
  @Order(6)
  void shouldMoveRegionsUnderAProgramAndRefuseWhatCannotBe() {
    // given
    RunningProgram program = RunningProgram.start(rack, "safe", LONG_PROGRAM);
    rack.succeed("protected", "--wait");

    // when one region goes round
    RunningProgram.Lies before = program.mostlyLies();
    List<String> others =
        List.of("mcomponent-0", "mcomponent-1", "mcomponent-2").stream()
            .filter(name -> !name.equals(before.home()))
            .toList();
    for (String target : others) {
      rack.succeed("migrate", Long.toString(before.region()), target);
      assertThat(homeOf(before.region())).isEqualTo(target);
    }
    program.assertRuns("after two moves");

    // then what cannot be is refused with the reason, and changes nothing
    String home = homeOf(before.region());
    refuse("itself|already|home", "migrate", Long.toString(before.region()), home);
    refuse("region", "migrate", "999999999", "mcomponent-0");
    refuse("mcomponent-9", "migrate", Long.toString(before.region()), "mcomponent-9");
    assertThat(homeOf(before.region())).isEqualTo(home);

    Rack.Outcome end = program.end();
    assertThat(end.exitCode()).as(end.err()).isZero();
    assertThat(end.out()).isEqualTo(plainLong);
    JsonNode moves =
        rack.sql(
            "SELECT bytes, rounds FROM api.migrations WHERE region = %d AND state = 'done'"
                .formatted(before.region()));
    assertThat(moves).hasSize(others.size());
    // One of them was to the second copy, which had everything; the other was to be made a copy.
    List<Long> bytes =
        moves.valueStream().map(move -> move.path("bytes").asLong()).sorted().toList();
    assertThat(bytes.getFirst()).isZero();
    assertThat(bytes.getLast()).isPositive();
    assertThat(moves.valueStream().map(move -> move.path("rounds").asInt()).sorted())
        .containsExactly(0, 1);
  }

  @Test
  @Order(8)
  void shouldComputeOnWhenEverythingElseIsKilled() throws InterruptedException {
    // given
    RunningProgram program = RunningProgram.start(rack, "safe", LONG_PROGRAM);
    rack.succeed("protected", "--wait");

    // when
    for (String victim :
        List.of("table-service-0", "kafka-0", "scomponent-0", "postgres-0", "global-manager-0")) {
      hurt("kill", victim);
      program.assertRuns("after the kill of " + victim);
    }

    // then
    Rack.Outcome end = program.end();
    assertThat(end.exitCode()).as(end.err()).isZero();
    assertThat(end.out()).isEqualTo(plainLong);

    // and all of it comes back, with the tables as they were
    rack.succeed("up", "--storages", "1");
    hurt.clear();
    Rack.Outcome next = rack.command("run", Rack.example("testbed/exitcode"), "7");
    assertThat(next.exitCode()).as(next.err()).isEqualTo(7);
    await()
        .atMost(Duration.ofSeconds(30))
        .until(
            () ->
                rack.sql(
                            "SELECT 1 FROM api.processes WHERE state = 'exited' AND process = "
                                + program.process())
                        .size()
                    == 1);
  }

  @Test
  @Order(7)
  void shouldEndAProgramWithItsPComponentInOneLine() throws InterruptedException {
    // given
    RunningProgram program = RunningProgram.start(rack, "safe", PROGRAM);
    letItRun();
    String component =
        rack.sql("SELECT component FROM api.processes WHERE process = " + program.process())
            .path(0)
            .path("component")
            .asString();

    // when
    program.assertRuns("before the kill");
    hurt("kill", component);

    // then
    Rack.Outcome end = program.end();
    assertThat(end.exitCode()).as(end.err()).isEqualTo(137);
    assertThat(end.err().strip().lines()).hasSize(1);
    assertThat(end.err()).contains(program.process()).contains(component);
    await()
        .atMost(Duration.ofSeconds(30))
        .until(
            () ->
                rack.sql("SELECT 1 FROM api.regions WHERE process = " + program.process())
                    .isEmpty());
    restore(component);
  }

  /** The seeded moment of the fault. */
  private static void letItRun() throws InterruptedException {
    TimeUnit.MILLISECONDS.sleep(RANDOM.nextInt(1_500));
  }

  private static void refuse(String reason, String... words) {
    Rack.Outcome outcome = rack.command(words);
    assertThat(outcome.exitCode()).as(String.join(" ", words)).isPositive();
    assertThat(outcome.err().strip().lines()).hasSize(1);
    assertThat(outcome.err()).containsPattern(reason);
  }

  private void hurt(String how, String component) {
    hurt.add(component);
    rack.succeed(how, component);
  }

  private void restore(String component) {
    rack.succeed("start", component);
    awaitUp(component);
  }

  private void awaitUp(String component) {
    rack.awaitUp(component);
    hurt.remove(component);
  }

  private static String homeOf(long region) {
    return rack.sql("SELECT home FROM api.regions WHERE region = " + region)
        .path(0)
        .path("home")
        .asString();
  }

  private static JsonNode history(long region) {
    return rack.sql(
        "SELECT epoch FROM api.region_history WHERE region = %d ORDER BY epoch".formatted(region));
  }

  private static List<Long> epochs(JsonNode rows) {
    return rows.valueStream().map(row -> row.path("epoch").asLong()).toList();
  }

  private static List<String> kinds(RunningProgram program, RunningProgram.Lies region) {
    return rack.sql(
            "SELECT kind FROM api.events WHERE process = %s AND region = %d ORDER BY event"
                .formatted(program.process(), region.region()))
        .valueStream()
        .map(row -> row.path("kind").asString())
        .toList();
  }
}
