package org.splitrack.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInfo;
import org.splitrack.e2e.plant.Bug;
import org.splitrack.e2e.plant.PlantedBug;

/**
 * Moves of a region that meet a fault, under a program that stores all the time. What copies are
 * sent is held back by a cut, so that the fault finds the move where it is to find it.
 */
class MigrationFaultsIT {
  private static final String ONE_COPY = "one-copy";
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
  void run(TestInfo test) {
    boolean oneCopy = test.getTags().contains(ONE_COPY);
    program = RunningProgram.start(rack, oneCopy ? "none" : "safe", Memcheck.PROGRAM);
    before = oneCopy ? program.mostlyLies() : program.liesProtected();
    program.awaitWritesTo(before);
    target =
        Rack.MEMORIES.stream()
            .filter(name -> !name.equals(before.home()) && !before.secondaries().contains(name))
            .findFirst()
            .orElseThrow();
  }

  @AfterEach
  void mend() {
    for (String component : Rack.MEMORIES) {
      rack.command("resume", component);
      rack.command("heal", component);
    }
    rack.command("resume", "postgres-0");
    Rack.Outcome up = rack.command("up", "--storages", "1", "--processors", "1");
    assertThat(up.exitCode()).as(up.err()).isZero();
    Rack.MEMORIES.forEach(rack::awaitUp);
  }

  @Test
  @LongTest
  void shouldLeaveARegionWhereItIsWhenItsMoveIsAborted() {
    // given
    String migration = beginAndHoldBack();
    // when
    rack.succeed("abort", migration);
    // then
    assertThat(awaitEnd(migration)).isEqualTo("aborted");
    Rack.Outcome again = rack.command("abort", migration);
    assertThat(again.exitCode()).isEqualTo(1);
    assertThat(again.err().strip()).endsWith("migration " + migration + " is over: aborted");
    rack.succeed("heal", target);
    assertThat(homeOf(before.region())).isEqualTo(before.home());
    Memcheck.assertRight(program.end());
  }

  @Test
  @LongTest
  void shouldLeaveARegionWhereItIsWhenTheTargetDies() {
    // given
    String migration = beginAndHoldBack();
    // when
    rack.killAtOnce(target);
    // then
    assertThat(awaitEnd(migration)).isEqualTo("failed");
    assertThat(homeOf(before.region())).isEqualTo(before.home());
    Memcheck.assertRight(program.end());
  }

  @Test
  void shouldGoOnAtTheSecondCopyWhenTheSourceDies() {
    // given
    String migration = beginAndHoldBack();
    // when
    rack.killAtOnce(before.home());
    // then
    assertThat(awaitEnd(migration)).isEqualTo("failed");
    awaitHome(before.secondaries().getFirst());
    Memcheck.assertRight(program.end());
  }

  /** The control for the above: the kill hits memory. */
  @Test
  @Tag(ONE_COPY)
  void shouldLoseAProgramWithOneCopyWhenTheSourceDies() {
    // given
    String migration = beginAndHoldBack();
    // when
    rack.killAtOnce(before.home());
    // then
    Rack.Outcome end = program.end();
    assertThat(end.exitCode()).as(end.out() + end.err()).isEqualTo(125);
    assertThat(end.lastErrorLine())
        .contains("process " + program.process() + " lost: ")
        .contains(before.home())
        .contains("last copy");
    assertThat(awaitEnd(migration)).isEqualTo("failed");
  }

  @Test
  @LongTest
  void shouldComeToAnEndWhenTheManagerDiesWhilePagesAreCopied() {
    // given
    String migration = beginAndHoldBack();
    // when
    rack.killAtOnce("global-manager-0");
    program.assertRuns("without a manager");
    rack.succeed("heal", target);
    rack.succeed("start", "global-manager-0");
    // then
    assertIsWhereItShouldBe(migration);
    Memcheck.assertRight(program.end());
  }

  @Test
  @LongTest
  void shouldEndAMoveWhoseTargetDiesUnderAManagerThatDidNotBeginIt() {
    // given
    String migration = beginAndHoldBack();
    rack.killAtOnce("global-manager-0");
    rack.succeed("start", "global-manager-0");
    // when
    rack.killAtOnce(target);
    // then
    assertThat(awaitEnd(migration)).isEqualTo("failed");
    rack.succeed("start", target);
    rack.awaitUp(target);
    rack.succeed("protected", "--wait");
    rack.succeed("migrate", Long.toString(before.region()), before.secondaries().getFirst());
    Memcheck.assertRight(program.end());
  }

  @Test
  @LongTest
  void shouldGiveAMoveUpWhoseTargetDoesNotAnswerWhenTheManagerDies() {
    // given: a paused target sets no pages aside
    rack.succeed("pause", target);
    String migration = manager.migrate(before.region(), target);
    assertThat(stateOf(migration)).isEqualTo("reserving");
    // when
    rack.killAtOnce("global-manager-0");
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
    Memcheck.assertRight(program.end());
  }

  @Test
  void shouldFollowAHandOffWhenTheManagerDiesBeforeTheRowDoes() {
    String migration = handOffUnseen();
    assertThat(awaitEnd(migration)).isEqualTo("done");
    awaitHome(target);
    Memcheck.assertRight(program.end());
  }

  /** The control for the above: the program must not be served by both. */
  @Test
  @LongTest
  void shouldSeeThatTheSourceServesAfterItsHandOff() {
    long[] memories =
        Rack.MEMORIES.stream().mapToLong(name -> rack.processOf(name).pid()).toArray();
    try (PlantedBug _ = PlantedBug.in(Bug.RESUME_AFTER_HAND_OFF, memories)) {
      handOffUnseen();
      Memcheck.assertFindsLoss(program.end());
    }
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
    Memcheck.assertRight(program.end());
  }

  private static String stateOf(String migration) {
    return manager.migration(migration).path("state").asString("");
  }

  /**
   * Begins the move; while the cut lasts its pages do not get to the target. The fault has to
   * follow at once: after 2 s the rack gives such a move up.
   */
  private String beginAndHoldBack() {
    rack.succeed("cut", before.home(), target);
    Rack.Outcome begun =
        rack.command("migrate", "--no-wait", Long.toString(before.region()), target);
    assertThat(begun.exitCode()).as(begun.err()).isZero();
    String migration = begun.out().strip();
    awaitState(migration, "copying");
    program.assertRuns("while its region is moved");
    return migration;
  }

  /** The target is home, and manager and database are away before the row follows. */
  private String handOffUnseen() {
    String migration = beginAndHoldBack();
    rack.pauseAtOnce("postgres-0");
    rack.succeed("heal", target);
    awaitState(migration, "handing_off");
    rack.killAtOnce("global-manager-0");
    program.assertRuns("without a manager and a database");
    rack.succeed("resume", "postgres-0");
    rack.succeed("start", "global-manager-0");
    return migration;
  }

  private static void awaitState(String migration, String state) {
    await()
        .atMost(Duration.ofSeconds(30))
        .pollInterval(Duration.ofMillis(20))
        .until(() -> stateOf(migration).equals(state));
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
    awaitHome(awaitEnd(migration).equals("done") ? target : before.home());
  }

  private void awaitHome(String component) {
    await().atMost(Duration.ofSeconds(30)).until(() -> homeOf(before.region()).equals(component));
  }

  private static String homeOf(long region) {
    return rack.rows("SELECT home FROM api.regions WHERE region = " + region)
        .path(0)
        .path("home")
        .asString("");
  }
}
