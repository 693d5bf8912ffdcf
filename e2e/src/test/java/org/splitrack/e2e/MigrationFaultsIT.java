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
      rack.command("resume", component);
      rack.command("heal", component);
    }
    rack.command("resume", "postgres-0");
    Rack.Outcome up = rack.command("up", "--storages", "1", "--processors", "1");
    assertThat(up.exitCode()).as(up.err()).isZero();
    MEMORIES.forEach(rack::awaitUp);
  }

  @Test
  @LongTest
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
  @LongTest
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
  @LongTest
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

  @Test
  @LongTest
  void shouldGiveAMoveUpWhoseTargetDoesNotAnswerWhenTheManagerDies() {
    // given: a paused target sets no pages aside
    rack.succeed("pause", target);
    String migration = manager.migrate(before.region(), target);
    assertThat(stateOf(migration)).isEqualTo("reserving");
    // when
    killManager();
    program.assertRuns("without a manager");
    rack.succeed("resume", target);
    rack.succeed("start", "global-manager-0");
    // then
    assertThat(awaitEnd(migration)).isEqualTo("failed");
    assertThat(homeOf(before.region())).isEqualTo(before.home());
    rack.awaitUp(target);
    rack.succeed("protected", "--wait");
    rack.succeed("migrate", Long.toString(before.region()), target);
    assertThat(homeOf(before.region())).isEqualTo(target);
    assertEndsRight();
  }

  @Test
  void shouldFollowAHandOffWhenTheManagerDiesBeforeTheRowDoes() {
    // given: the target is home, and a database that does not answer keeps the row from following
    String migration = beginAndHoldBack();
    rack.succeed("pause", "postgres-0");
    rack.succeed("heal", target);
    await()
        .atMost(Duration.ofSeconds(10))
        .pollInterval(Duration.ofMillis(20))
        .until(() -> stateOf(migration).equals("handing_off"));
    // when
    killManager();
    program.assertRuns("without a manager and a database");
    rack.succeed("resume", "postgres-0");
    rack.succeed("start", "global-manager-0");
    // then
    assertThat(awaitEnd(migration)).isEqualTo("done");
    assertThat(homeOf(before.region())).isEqualTo(target);
    assertEndsRight();
  }

  @Test
  @LongTest
  void shouldStillKnowAMoveThatEndedBeforeTheManagerWasStartedAgain() {
    // given
    String migration = manager.migrate(before.region(), target);
    assertThat(awaitEnd(migration)).isEqualTo("done");
    // when
    rack.succeed("restart", "global-manager-0");
    // then
    await().atMost(Duration.ofSeconds(30)).until(() -> stateOf(migration).equals("done"));
    assertEndsRight();
  }

  /** At once: what holds the move back does not for long. */
  private static void killManager() {
    ProcessHandle process = rack.processOf("global-manager-0");
    assertThat(process.destroyForcibly()).isTrue();
    await().atMost(Duration.ofSeconds(10)).until(() -> !Rack.runs(process));
  }

  private static String stateOf(String migration) {
    return manager.migration(migration).path("state").asString("");
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
        .until(() -> stateOf(migration).equals("copying"));
    program.assertRuns("while its region is moved");
    return migration;
  }

  /** In the tables: a manager that was started after its end does not know of it. */
  private static String awaitEnd(String migration) {
    String query = "SELECT state FROM api.migrations WHERE migration = " + migration;
    await()
        .atMost(Duration.ofSeconds(60))
        .until(() -> ENDS.contains(rack.rows(query).path(0).path("state").asString("")));
    return rack.rows(query).path(0).path("state").asString();
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
    return rack.rows("SELECT home FROM api.regions WHERE region = " + region)
        .path(0)
        .path("home")
        .asString("");
  }
}
