package org.splitrack.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Moves of a region that meet a fault, under a program that stores all the time. What copies are
 * sent is held back by a cut, so that the fault finds the move where it is to find it.
 */
@LongTest
class MigrationFaultsIT {
  private static final List<String> MEMORIES =
      List.of("mcomponent-0", "mcomponent-1", "mcomponent-2");
  private static final Set<String> ENDS = Set.of("done", "aborted", "failed");

  private static Rack rack;
  private static ManagerDoor manager;

  private RunningProgram program;
  private RunningProgram.Lies before;
  private String target;

  @BeforeAll
  static void start() {
    rack = Rack.up("--storages", "1", "--processors", "1");
    manager = new ManagerDoor(rack);
  }

  @AfterAll
  static void stop() {
    rack.close();
  }

  @BeforeEach
  void run() {
    program =
        RunningProgram.start(rack, "safe", Rack.example("testbed/memcheck"), "24M", "24", "7");
    rack.succeed("protected", "--wait");
    before = program.mostlyLies();
    target =
        MEMORIES.stream()
            .filter(name -> !name.equals(before.home()) && !before.secondaries().contains(name))
            .findFirst()
            .orElseThrow();
  }

  @AfterEach
  void mend() {
    for (String component : MEMORIES) {
      rack.command("heal", component);
    }
    Rack.Outcome up = rack.command("up", "--storages", "1", "--processors", "1");
    assertThat(up.exitCode()).as(up.err()).isZero();
    MEMORIES.forEach(rack::awaitUp);
  }

  @Test
  void shouldLeaveARegionWhereItIsWhenItsMoveIsAborted() {
    // given
    String migration = beginAndHoldBack();
    // when
    manager.abort(migration);
    // then
    assertThat(awaitEnd(migration)).isEqualTo("aborted");
    rack.succeed("heal", target);
    assertThat(homeOf(before.region())).isEqualTo(before.home());
    assertEndsRight();
  }

  @Test
  void shouldLeaveARegionWhereItIsWhenTheTargetDies() {
    // given
    String migration = beginAndHoldBack();
    // when
    rack.succeed("kill", target);
    // then
    assertThat(awaitEnd(migration)).isEqualTo("failed");
    assertThat(homeOf(before.region())).isEqualTo(before.home());
    assertEndsRight();
  }

  @Test
  void shouldGoOnAtTheSecondCopyWhenTheSourceDies() {
    // given
    String migration = beginAndHoldBack();
    // when
    rack.succeed("kill", before.home());
    // then
    assertThat(awaitEnd(migration)).isEqualTo("failed");
    await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> before.secondaries().contains(homeOf(before.region())));
    assertEndsRight();
  }

  @Test
  void shouldComeToAnEndWhenTheManagerDiesWhilePagesAreCopied() {
    // given
    String migration = beginAndHoldBack();
    // when
    rack.succeed("kill", "global-manager-0");
    program.assertRuns("without a manager");
    rack.succeed("heal", target);
    rack.succeed("start", "global-manager-0");
    // then
    assertIsWhereItShouldBe(migration);
    assertEndsRight();
  }

  /** Begins the move; while the cut lasts its pages do not get to the target. */
  private String beginAndHoldBack() {
    rack.succeed("cut", before.home(), target);
    Rack.Outcome begun =
        rack.command("migrate", "--no-wait", Long.toString(before.region()), target);
    assertThat(begun.exitCode()).as(begun.err()).isZero();
    String migration = begun.out().strip();
    await()
        .atMost(Duration.ofSeconds(10))
        .pollInterval(Duration.ofMillis(20))
        .until(() -> manager.migration(migration).path("state").asString().equals("copying"));
    program.assertRuns("while its region is moved");
    return migration;
  }

  /** In the tables: a manager that was started after its end does not know of it. */
  private static String awaitEnd(String migration) {
    String query = "SELECT state FROM api.migrations WHERE migration = " + migration;
    await()
        .atMost(Duration.ofSeconds(60))
        .until(() -> ENDS.contains(rack.sql(query).path(0).path("state").asString("")));
    return rack.sql(query).path(0).path("state").asString();
  }

  private void assertIsWhereItShouldBe(String migration) {
    boolean done = awaitEnd(migration).equals("done");
    await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> homeOf(before.region()).equals(done ? target : before.home()));
  }

  private void assertEndsRight() {
    Rack.Outcome end = program.end();
    assertThat(end.exitCode()).as(end.out() + end.err()).isZero();
    assertThat(end.out().strip()).endsWith("ok");
  }

  private static String homeOf(long region) {
    return rack.sql("SELECT home FROM api.regions WHERE region = " + region)
        .path(0)
        .path("home")
        .asString("");
  }
}
