package org.splitrack.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.splitrack.e2e.plant.Bug;
import org.splitrack.e2e.plant.PlantedBug;
import org.splitrack.fabric.wire.Status;
import tools.jackson.databind.JsonNode;

/**
 * Whether the checks that the tests of faults make would find something: each fault meets the rack
 * as it is and then with a rule taken out of its running components, and only then the check fails.
 */
class PlantedBugsIT {
  /**
   * The program is sure to write meanwhile, for it only verifies for half of that at a time. The
   * rack does without a copy that is not reached for 2 s.
   */
  private static final int CUT_MS = 1_000;

  private static final int ATTEMPTS = 3;

  /** Longer than the manager asks before it takes a component for silent. */
  private static final int PAUSE_MS = 5_000;

  /** In which a writer that has been woken up would write. */
  private static final int WOKEN_MS = 2_000;

  /** In whichever region of the program, one in the middle of what it verifies. */
  private static final int SOME_PAGE = 1_024;

  /** More than the program still writes of a page. */
  private static final long VERSIONS_TO_COME = 1_000_000;

  private static Rack rack;

  @BeforeAll
  static void start() {
    rack = Rack.up("--storages", "1");
  }

  @AfterAll
  static void stop() {
    rack.close();
  }

  @AfterEach
  void mend() {
    for (String component : Rack.MEMORIES) {
      rack.command("resume", component);
      rack.command("heal", component);
    }
    rack.command("resume", "pcomponent-0");
    rack.command("resume", "pcomponent-1");
    Rack.Outcome up = rack.command("up", "--storages", "1");
    assertThat(up.exitCode()).as(up.err()).isZero();
    Rack.MEMORIES.forEach(rack::awaitUp);
  }

  @Test
  void shouldSeeThatWritesWereAcknowledgedBeforeTheSecondCopyHadThem() throws IOException {
    Memcheck.assertRight(untilItHits(_ -> true, () -> cutFromItsCopyAndKilled("safe")));
    mend();
    Memcheck.assertFindsLoss(
        untilItHits(
            PlantedBugsIT::isWrong,
            () -> {
              try (PlantedBug _ = plant(Bug.ACK_BEFORE_SECONDARY, Rack.MEMORIES)) {
                return cutFromItsCopyAndKilled("safe");
              }
            }));
  }

  /** Where {@code safe} loses nothing, as the test above shows. */
  @Test
  @LongTest
  void shouldLoseWritesThatTheSecondCopyIsOnlySent() throws IOException {
    Memcheck.assertFindsLoss(
        untilItHits(PlantedBugsIT::isWrong, () -> cutFromItsCopyAndKilled("lego")));
  }

  @Test
  @LongTest
  void shouldSeeThatSilenceIsTakenForLoss() {
    Memcheck.assertRight(pausedAtItsOnlyHome());
    mend();
    try (PlantedBug _ = plant(Bug.SILENCE_TAKEN_FOR_LOSS, List.of("global-manager-0"))) {
      Rack.Outcome end = pausedAtItsOnlyHome();
      assertThat(end.exitCode()).as(end.out() + end.err()).isEqualTo(125);
      assertThat(end.lastErrorLine()).contains(" lost: ");
    }
  }

  @Test
  @LongTest
  void shouldSeeThatAProcessThatWasGivenUpGoesOnWriting() {
    Ticks fenced = pausedUntilItIsGivenUp();
    assertThat(fenced.later()).isEqualTo(fenced.whenGivenUp());
    mend();
    try (PlantedBug _ =
        plant(
            Bug.EXPELLED_NOT_FENCED,
            List.of("pcomponent-0", "pcomponent-1", "scomponent-0", "global-manager-0"))) {
      Ticks unfenced = pausedUntilItIsGivenUp();
      assertThat(unfenced.later())
          .startsWith(unfenced.whenGivenUp())
          .isNotEqualTo(unfenced.whenGivenUp());
    }
  }

  /**
   * A write of an epoch that is over reaches its home when that wakes up. The home does not know
   * yet that it was replaced, so it is the second copy, home by then, that has to refuse it.
   */
  @Test
  @LongTest
  void shouldSeeThatAHomeThatWakesUpAcknowledgesAWriteOfAnEpochThatIsOver() throws IOException {
    LateWrite fenced = writtenWhileItsHomeWasPaused();
    assertThat(fenced.answer()).isIn(Status.STALE_EPOCH, Status.NOT_HOLDER);
    assertThat(fenced.laterRead()).isIn(Status.STALE_EPOCH, Status.NOT_HOLDER);
    Memcheck.assertRight(fenced.end());
    mend();
    try (PlantedBug _ = plant(Bug.NO_EPOCH_FENCE, Rack.MEMORIES)) {
      // It may be told what it is now before it comes to the write.
      LateWrite unfenced =
          untilItHits(
              write -> write.answer() == Status.OK,
              () -> Optional.of(writtenWhileItsHomeWasPaused()));
      assertThat(unfenced.answer()).isEqualTo(Status.OK);
      Memcheck.assertFindsLoss(unfenced.end());
    }
  }

  private static PlantedBug plant(Bug bug, List<String> components) {
    long[] pids = components.stream().mapToLong(name -> rack.processOf(name).pid()).toArray();
    System.out.println("planted " + bug + " in " + components + " " + Arrays.toString(pids));
    return PlantedBug.in(bug, pids);
  }

  /** Empty when its fault came too late. */
  private interface Scene<T> {
    Optional<T> play() throws IOException;
  }

  /**
   * Plays a scene again in which the fault came too late, or met a program that wrote nothing just
   * then: a machine may be that slow at times.
   *
   * @param hit whether an end shows that neither was so
   * @return how it ended in the last attempt
   */
  private <T> T untilItHits(Predicate<T> hit, Scene<T> scene) throws IOException {
    Optional<T> end = scene.play();
    for (int attempt = 1; attempt < ATTEMPTS && end.filter(hit).isEmpty(); attempt++) {
      mend();
      end = scene.play();
    }
    return end.orElseThrow(
        () -> new AssertionError("the rack did without the cut copy before the kill"));
  }

  private static boolean isWrong(Rack.Outcome end) {
    return end.exitCode() != 0;
  }

  /**
   * The home dies while it cannot reach the second copy, which becomes home then.
   *
   * @return how the program ends; empty when the row had changed before the kill, so that there was
   *     no such copy
   */
  private static Optional<Rack.Outcome> cutFromItsCopyAndKilled(String ack) {
    RunningProgram program = RunningProgram.start(rack, ack, Memcheck.PROGRAM);
    RunningProgram.Lies lies = ack.equals("safe") ? program.liesProtected() : program.liesCopied();
    String copy = lies.secondaries().getFirst();
    program.awaitWritesTo(lies);
    rack.succeed("cut", lies.home(), copy);
    letItRun(CUT_MS);
    program.assertRuns("before the kill");
    rack.killAtOnce(lies.home());
    rack.succeed("heal", copy);
    Rack.Outcome end = program.end();
    JsonNode next =
        rack.rows(
                """
                SELECT epoch, home, reason FROM api.region_history
                 WHERE region = %d AND epoch > %d ORDER BY epoch LIMIT 1
                """
                    .formatted(lies.region(), lies.epoch()))
            .path(0);
    System.out.println(lies + ", then " + next + "; " + ack + ": " + end);
    return next.path("home").asString("").equals(copy) ? Optional.of(end) : Optional.empty();
  }

  private static void letItRun(int ms) {
    try {
      TimeUnit.MILLISECONDS.sleep(ms);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private static Rack.Outcome pausedAtItsOnlyHome() {
    RunningProgram program = RunningProgram.start(rack, "none", Memcheck.PROGRAM);
    RunningProgram.Lies lies = program.mostlyLies();
    program.awaitWritesTo(lies);
    rack.succeed("pause", lies.home());
    program.assertRuns("when its home is paused");
    letItRun(PAUSE_MS);
    rack.succeed("resume", lies.home());
    return program.end();
  }

  /**
   * What the home that had been paused said to a write of its time.
   *
   * @param laterRead how it answers a read of its time once it knows better
   */
  private record LateWrite(Status answer, Status laterRead, Rack.Outcome end) {}

  private static LateWrite writtenWhileItsHomeWasPaused() throws IOException {
    RunningProgram program = RunningProgram.start(rack, "safe", Memcheck.PROGRAM);
    RunningProgram.Lies lies = program.liesProtected();
    String copy = lies.secondaries().getFirst();
    try (PageLanes lanes = PageLanes.to(rack, lies.home())) {
      PageLanes.Reply before = lanes.read(lies.region(), lies.epoch(), SOME_PAGE);
      assertThat(before.status()).as("in its time").isEqualTo(Status.OK);
      assertThat(before.version()).isPositive();
      program.assertRuns("before the pause");
      rack.pauseAtOnce(lies.home());
      lanes.sendWrite(lies.region(), lies.epoch(), SOME_PAGE, before.version() + VERSIONS_TO_COME);
      rack.awaitRow(
          "SELECT 1 FROM api.region_history WHERE region = %d AND epoch > %d AND home = '%s'"
              .formatted(lies.region(), lies.epoch(), copy));
      program.assertRuns("when its region has another home");
      rack.succeed("resume", lies.home());
      PageLanes.Reply answer = lanes.writeReply();
      program.assertRuns("when the home that was replaced has answered");
      Status laterRead = awaitRefusal(lanes, lies);
      Rack.Outcome end = program.end();
      System.out.println(lies + ", late write: " + answer + ", later read: " + laterRead);
      return new LateWrite(answer.status(), laterRead, end);
    }
  }

  /** Until it is told it may answer; its process takes nothing from it any more. */
  private static Status awaitRefusal(PageLanes lanes, RunningProgram.Lies lies) {
    return await()
        .atMost(Duration.ofSeconds(30))
        .until(
            () -> lanes.read(lies.region(), lies.epoch(), SOME_PAGE).status(),
            status -> status != Status.OK);
  }

  /** A file when its writer counts as dead, and some time after that has woken up. */
  private record Ticks(String whenGivenUp, String later) {}

  private static Ticks pausedUntilItIsGivenUp() {
    String name = "ticker-" + System.nanoTime();
    String file = "/" + name;
    rack.succeed(
        "run", "--detach", "--name", name, Rack.example("testbed/ticker"), file, "6000", "20");
    await().atMost(Duration.ofSeconds(60)).until(() -> ticks(file).lines().count() > 10);
    rack.succeed("sync");
    String component =
        rack.rows("SELECT component FROM api.processes WHERE name = '" + name + "'")
            .path(0)
            .path("component")
            .asString();
    rack.succeed("pause", component);
    await()
        .atMost(Duration.ofSeconds(30))
        .until(
            () ->
                rack.rows(
                            "SELECT 1 FROM api.processes WHERE exit_code = 137 AND name = '%s'"
                                .formatted(name))
                        .size()
                    == 1);
    String whenGivenUp = ticks(file);
    rack.succeed("resume", component);
    rack.awaitUp(component);
    letItRun(WOKEN_MS);
    Ticks ticks = new Ticks(whenGivenUp, ticks(file));
    System.out.println(
        "ticks: %d when given up, %d later"
            .formatted(ticks.whenGivenUp().lines().count(), ticks.later().lines().count()));
    return ticks;
  }

  private static String ticks(String file) {
    return rack.command("get", file).out();
  }
}
