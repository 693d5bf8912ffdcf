package org.splitrack.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.splitrack.fabric.wire.Status;
import tools.jackson.databind.JsonNode;

/**
 * pComponents that die, or only seem to, at seeded moments under programs that are to be run again
 * as long as nothing has left them. {@code -Dsplitrack.seed=} repeats a run; {@code rack test
 * --long} has more of them.
 */
class PComponentFaultsIT {
  private static final long SEED = Long.getLong("splitrack.seed", System.nanoTime());
  private static final int MOMENTS = Boolean.getBoolean("splitrack.slow") ? 20 : 4;
  private static final int LONGEST_WAIT_MS = 1_500;
  private static final long LONGEST_RUN_S = 180;

  /** It says nothing before its end, which is several times as far away as the longest wait. */
  private static final String[] SILENT = {
    Rack.example("kmeans"), "--points", "300K", "--iterations", "50"
  };

  private static final String[] SAYS_READY_AND_WORKS_ON = {
    Rack.example("testbed/openloop"), "600", "8388608"
  };

  private static Rack rack;
  private static String plain;

  @BeforeAll
  static void start() {
    System.out.println("PComponentFaultsIT seed " + SEED);
    rack = Rack.up("--storages", "1");
    List<String> words = new ArrayList<>(List.of("run"));
    words.addAll(List.of(SILENT));
    Rack.Outcome undisturbed = rack.command(words.toArray(String[]::new));
    assertThat(undisturbed.exitCode()).as(undisturbed.err()).isZero();
    plain = undisturbed.out().strip();
    assertThat(plain).isNotBlank();
  }

  @AfterAll
  static void stop() {
    rack.close();
  }

  @AfterEach
  void mend() {
    for (String component : List.of("pcomponent-0", "pcomponent-1")) {
      rack.command("resume", component);
    }
    Rack.Outcome up = rack.command("up", "--storages", "1");
    assertThat(up.exitCode()).as(up.err()).isZero();
    for (String component : List.of("pcomponent-0", "pcomponent-1")) {
      rack.awaitUp(component);
    }
  }

  /** What has left a program before its pComponent is hit. */
  enum Left {
    NOTHING,
    OUTPUT,
    FILE
  }

  /**
   * What happens when.
   *
   * @param paused stopped and woken up after others have taken over; else killed
   */
  record Moment(int number, boolean paused, Left left, int waitMs) {}

  /** Among the first four is each fault and each way out, among the first eight all their pairs. */
  static List<Moment> moments() {
    SplittableRandom random = new SplittableRandom(SEED);
    List<Moment> moments = new ArrayList<>();
    for (int number = 0; number < MOMENTS; number++) {
      moments.add(
          new Moment(number, number % 2 == 1, leftAt(number), random.nextInt(LONGEST_WAIT_MS)));
    }
    return moments;
  }

  private static Left leftAt(int number) {
    return switch (number % 8) {
      case 2, 7 -> Left.OUTPUT;
      case 3, 6 -> Left.FILE;
      default -> Left.NOTHING;
    };
  }

  @ParameterizedTest
  @MethodSource("moments")
  void shouldRunAProgramAgainElsewhereOnlyWhileNothingHasLeftIt(Moment moment) throws Exception {
    // given
    String name = "moment-" + moment.number() + "-" + System.nanoTime();
    Process command = start(name, moment.left());
    BufferedReader out = command.inputReader(StandardCharsets.UTF_8);
    await().atMost(Duration.ofSeconds(60)).until(() -> placeOf(name) != null);
    awaitLeft(moment.left(), name, out);
    TimeUnit.MILLISECONDS.sleep(moment.waitMs());
    String component = String.valueOf(placeOf(name));

    RunningProgram.Lies lies = RunningProgram.firstOf(rack, rowOf(name).path("process").asString());
    try (PageLanes lanes = PageLanes.to(rack, lies.home())) {
      assertThat(lanes.read(lies.region(), lies.epoch(), 0).status()).isEqualTo(Status.OK);
    }

    // when
    assertThat(command.isAlive()).as("it runs before the fault").isTrue();
    rack.succeed(moment.paused() ? "pause" : "kill", component);

    // then
    assertThat(command.waitFor(LONGEST_RUN_S, TimeUnit.SECONDS)).as("it ends").isTrue();
    String rest = out.lines().collect(Collectors.joining("\n"));
    String err = text(command.getErrorStream().readAllBytes());
    if (moment.left() == Left.NOTHING) {
      assertThat(command.exitValue()).as(err).isZero();
      assertThat(rest).isEqualTo(plain);
      assertThat(err).as("the fault hit it").contains("starts again on");
      await()
          .atMost(Duration.ofSeconds(30))
          .untilAsserted(() -> assertThat(componentOf(name)).isNotEqualTo(component));
    } else {
      assertThat(command.exitValue()).as(err).isEqualTo(137);
      assertThat(rest).as("nothing more comes").isEmpty();
      assertThat(err.strip().lines()).as(err).hasSize(1);
      assertThat(err).contains(component);
      assertThat(componentOf(name)).isEqualTo(component);
    }
    if (moment.paused()) {
      wakeUp(component, name, moment.left());
    }
    assertTakesNoWrite(lies);
  }

  private static Process start(String name, Left left) {
    List<String> line = new ArrayList<>(List.of("run", "--name", name, "--on-failure", "restart"));
    line.addAll(List.of("--cache", "25%"));
    line.addAll(
        switch (left) {
          case NOTHING -> List.of(SILENT);
          case OUTPUT -> List.of(SAYS_READY_AND_WORKS_ON);
          case FILE -> List.of(Rack.example("testbed/ticker"), "/" + name, "6000", "20");
        });
    return rack.start(line.toArray(String[]::new));
  }

  private static void awaitLeft(Left left, String name, BufferedReader out) throws IOException {
    switch (left) {
      case NOTHING -> {}
      case OUTPUT -> {
        await().atMost(Duration.ofSeconds(60)).until(out::ready);
        assertThat(out.readLine()).isEqualTo("ready");
      }
      case FILE ->
          await().atMost(Duration.ofSeconds(60)).until(() -> written(name).contains("tick 2"));
    }
  }

  /** What it was about to do when it fell asleep has no effect any more. */
  private static void wakeUp(String component, String name, Left left) {
    String before = left == Left.FILE ? written(name) : "";
    rack.succeed("resume", component);
    rack.awaitUp(component);
    String process = rowOf(name).path("process").asString();
    await()
        .atMost(Duration.ofSeconds(30))
        .untilAsserted(
            () ->
                assertThat(
                        rack.rows(
                            "SELECT 1 FROM api.threads WHERE state = 'running' AND process = "
                                + process))
                    .isEmpty());
    if (left == Left.FILE) {
      assertThat(before).contains("tick 2");
      assertThat(written(name)).isEqualTo(before);
    }
  }

  /** What the run that is over could still send to the home that it knows. */
  private static void assertTakesNoWrite(RunningProgram.Lies lies) throws IOException {
    try (PageLanes lanes = PageLanes.to(rack, lies.home())) {
      lanes.sendWrite(lies.region(), lies.epoch(), 0, Long.MAX_VALUE / 2);
      assertThat(lanes.writeReply().status())
          .isIn(Status.EXPELLED, Status.NOT_HOLDER, Status.STALE_EPOCH);
    }
  }

  private static String written(String name) {
    return rack.command("get", "/" + name).out();
  }

  @Test
  @LongTest
  void shouldShowTheEndOfAProcessWhosePComponentIsOnlyPaused() throws Exception {
    // given: it keeps its connections, and says nothing
    String name = "paused-" + System.nanoTime();
    Process command = rack.start("run", "--name", name, Rack.example("testbed/endless"));
    await().atMost(Duration.ofSeconds(60)).until(() -> placeOf(name) != null);
    String component = String.valueOf(placeOf(name));

    // when
    rack.succeed("pause", component);

    // then
    assertThat(lineAtItsEnd(command, 137)).contains(component);
  }

  /** So many at once may be this manager's fault, so it takes its time to decide. */
  @Test
  @LongTest
  void shouldShowTheEndOfAProcessWhenAllPComponentsAreKilledAtOnce() throws Exception {
    Process command = rack.start("run", Rack.example("testbed/endless"));
    assertThat(command.inputReader(StandardCharsets.UTF_8).readLine()).isEqualTo("started");

    rack.killAtOnce("pcomponent-0");
    rack.killAtOnce("pcomponent-1");

    assertThat(lineAtItsEnd(command, 137)).contains("pcomponent-");
  }

  /** The next manager has never heard of it, and the connection says nothing. */
  @Test
  @LongTest
  void shouldShowTheEndOfAProcessWhosePComponentFellSilentWhileNoManagerLed() throws Exception {
    String name = "unheard-" + System.nanoTime();
    Process command = rack.start("run", "--name", name, Rack.example("testbed/endless"));
    await().atMost(Duration.ofSeconds(60)).until(() -> placeOf(name) != null);
    String component = String.valueOf(placeOf(name));

    rack.killAtOnce("global-manager-0");
    rack.pauseAtOnce(component);
    rack.succeed("start", "global-manager-0");

    assertThat(lineAtItsEnd(command, 125)).contains(component);
  }

  /** The one line that the command says when it ends with that code. */
  private static String lineAtItsEnd(Process command, int exitCode) throws Exception {
    assertThat(command.waitFor(LONGEST_RUN_S, TimeUnit.SECONDS)).as("it ends").isTrue();
    String err = text(command.getErrorStream().readAllBytes());
    assertThat(command.exitValue()).as(err).isEqualTo(exitCode);
    assertThat(err.strip().lines()).as(err).hasSize(1);
    return err;
  }

  private static String componentOf(String name) {
    return rowOf(name).path("component").asString();
  }

  private static JsonNode rowOf(String name) {
    return rack.rows(
            "SELECT process, component, state FROM api.processes WHERE name = '" + name + "'")
        .path(0);
  }

  private static @Nullable String placeOf(String name) {
    JsonNode row = rowOf(name);
    return row.path("state").asString("").equals("running")
        ? row.path("component").asString()
        : null;
  }

  private static String text(byte[] bytes) throws IOException {
    return new String(bytes, StandardCharsets.UTF_8);
  }
}
