package org.splitrack.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.splitrack.e2e.plant.Bug;
import org.splitrack.e2e.plant.PlantedBug;

/**
 * Whether the checks that the tests of faults make would find something: each fault meets the rack
 * as it is and then with a rule taken out of its running components, and only then the check fails.
 */
class PlantedBugsIT {
  private static final List<String> MEMORIES =
      List.of("mcomponent-0", "mcomponent-1", "mcomponent-2");

  /** Stores all the time, and verifies every byte. */
  private static final String[] PROGRAM = {Rack.example("testbed/memcheck"), "24M", "30", "7"};

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
    for (String component : MEMORIES) {
      rack.command("resume", component);
      rack.command("heal", component);
    }
    rack.command("resume", "pcomponent-0");
    rack.command("resume", "pcomponent-1");
    Rack.Outcome up = rack.command("up", "--storages", "1");
    assertThat(up.exitCode()).as(up.err()).isZero();
  }

  @Test
  void shouldSeeThatWritesWereAcknowledgedBeforeTheSecondCopyHadThem() {
    assertThat(cutFromItsCopyAndKilled()).isTrue();
    mend();
    try (PlantedBug _ = plant(Bug.ACK_BEFORE_SECONDARY, MEMORIES)) {
      assertThat(cutFromItsCopyAndKilled()).isFalse();
    }
  }

  @Test
  @LongTest
  void shouldSeeThatSilenceIsTakenForLoss() throws InterruptedException {
    assertThat(pausedAtItsOnlyHome()).isTrue();
    mend();
    try (PlantedBug _ = plant(Bug.SILENCE_TAKEN_FOR_LOSS, List.of("global-manager-0"))) {
      assertThat(pausedAtItsOnlyHome()).isFalse();
    }
  }

  @Test
  @LongTest
  void shouldSeeThatAProcessThatWasGivenUpGoesOnWriting() throws InterruptedException {
    assertThat(isStillAfterItsPauseAndEnd()).isTrue();
    mend();
    try (PlantedBug _ =
        plant(
            Bug.EXPELLED_NOT_FENCED,
            List.of("pcomponent-0", "pcomponent-1", "scomponent-0", "global-manager-0"))) {
      assertThat(isStillAfterItsPauseAndEnd()).isFalse();
    }
  }

  private static PlantedBug plant(Bug bug, List<String> components) {
    long[] pids = components.stream().mapToLong(name -> rack.processOf(name).pid()).toArray();
    System.out.println("planted " + bug + " in " + components + " " + Arrays.toString(pids));
    return PlantedBug.in(bug, pids);
  }

  /** The home dies while it cannot reach the second copy. Whether the program ends right. */
  private static boolean cutFromItsCopyAndKilled() {
    RunningProgram program = RunningProgram.start(rack, "safe", PROGRAM);
    rack.succeed("protected", "--wait");
    RunningProgram.Lies lies = program.mostlyLies();
    rack.succeed("cut", lies.home(), lies.secondaries().getFirst());
    program.assertRuns("before the kill");
    rack.succeed("kill", lies.home());
    rack.succeed("heal", lies.secondaries().getFirst());
    return isRight(program.end());
  }

  private static boolean pausedAtItsOnlyHome() throws InterruptedException {
    RunningProgram program = RunningProgram.start(rack, "none", PROGRAM);
    RunningProgram.Lies lies = program.mostlyLies();
    rack.succeed("pause", lies.home());
    TimeUnit.SECONDS.sleep(3);
    rack.succeed("resume", lies.home());
    return isRight(program.end());
  }

  private static boolean isRight(Rack.Outcome end) {
    System.out.println("ended with " + end.exitCode() + ": " + end.out().strip() + end.err());
    return end.exitCode() == 0 && end.out().strip().endsWith("ok");
  }

  /** Whether a file stays as it is from when its writer counts as dead, though that wakes up. */
  private static boolean isStillAfterItsPauseAndEnd() throws InterruptedException {
    String name = "ticker-" + System.nanoTime();
    String file = "/" + name;
    rack.succeed(
        "run", "--detach", "--name", name, Rack.example("testbed/ticker"), file, "3000", "20");
    await().atMost(Duration.ofSeconds(30)).until(() -> ticks(file).lines().count() > 10);
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
    String before = ticks(file);
    rack.succeed("resume", component);
    rack.awaitUp(component);
    TimeUnit.SECONDS.sleep(2);
    String after = ticks(file);
    System.out.println(
        "ticks: " + before.lines().count() + " when given up, " + after.lines().count() + " later");
    return after.equals(before);
  }

  private static String ticks(String file) {
    return rack.command("get", file).out();
  }
}
