package org.splitrack.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
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
  private static final long LONGEST_RUN_S = 60;

  /** It says nothing before its end, which is several times as far away as the longest wait. */
  private static final String[] SILENT = {
    Rack.example("kmeans"), "--points", "300K", "--iterations", "50"
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
    plain = undisturbed.out();
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

  /**
   * What happens when.
   *
   * @param paused stopped and woken up after others have taken over; else killed
   * @param writes whether something has left the program by then
   */
  record Moment(int number, boolean paused, boolean writes, int waitMs) {}

  static List<Moment> moments() {
    SplittableRandom random = new SplittableRandom(SEED);
    List<Moment> moments = new ArrayList<>();
    for (int number = 0; number < MOMENTS; number++) {
      moments.add(
          new Moment(
              number, number % 2 == 1, number / 2 % 2 == 1, random.nextInt(LONGEST_WAIT_MS)));
    }
    return moments;
  }

  @ParameterizedTest
  @MethodSource("moments")
  void shouldRunAProgramAgainElsewhereOnlyWhileNothingHasLeftIt(Moment moment) throws Exception {
    // given
    String name = "moment-" + moment.number() + "-" + System.nanoTime();
    List<String> line = new ArrayList<>(List.of("run", "--name", name, "--on-failure", "restart"));
    line.addAll(List.of("--cache", "25%"));
    line.addAll(
        moment.writes()
            ? List.of(Rack.example("testbed/ticker"), "/" + name, "4000", "20")
            : List.of(SILENT));
    Process command = rack.start(line.toArray(String[]::new));
    await().atMost(Duration.ofSeconds(60)).until(() -> placeOf(name) != null);
    if (moment.writes()) {
      await()
          .atMost(Duration.ofSeconds(60))
          .until(() -> rack.command("get", "/" + name).out().contains("tick 2"));
    }
    TimeUnit.MILLISECONDS.sleep(moment.waitMs());
    String component = String.valueOf(placeOf(name));

    // when
    assertThat(command.isAlive()).as("it runs before the fault").isTrue();
    rack.succeed(moment.paused() ? "pause" : "kill", component);

    // then
    assertThat(command.waitFor(LONGEST_RUN_S, TimeUnit.SECONDS)).as("it ends").isTrue();
    String out = text(command.getInputStream().readAllBytes());
    String err = text(command.getErrorStream().readAllBytes());
    if (moment.writes()) {
      assertThat(command.exitValue()).as(err).isEqualTo(137);
      assertThat(err.strip().lines()).as(err).hasSize(1);
      assertThat(err).contains(component);
      assertThat(componentOf(name)).isEqualTo(component);
    } else {
      assertThat(command.exitValue()).as(err).isZero();
      assertThat(out).isEqualTo(plain);
      assertThat(err).as("the fault hit it").contains("starts again on");
      await()
          .atMost(Duration.ofSeconds(30))
          .untilAsserted(() -> assertThat(componentOf(name)).isNotEqualTo(component));
    }
    if (moment.paused()) {
      wakeUp(component, name, moment.writes() ? rack.command("get", "/" + name).out() : "");
    }
  }

  /** What it was about to do when it fell asleep has no effect any more. */
  private static void wakeUp(String component, String name, String written)
      throws InterruptedException {
    rack.succeed("resume", component);
    rack.awaitUp(component);
    TimeUnit.SECONDS.sleep(1);
    if (!written.isEmpty()) {
      assertThat(rack.command("get", "/" + name).out()).isEqualTo(written);
    }
    String process = rowOf(name).path("process").asString();
    assertThat(
            rack.rows("SELECT 1 FROM api.threads WHERE state = 'running' AND process = " + process))
        .isEmpty();
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
    assertThat(command.waitFor(LONGEST_RUN_S, TimeUnit.SECONDS)).as("it ends").isTrue();
    String err = text(command.getErrorStream().readAllBytes());
    assertThat(command.exitValue()).as(err).isEqualTo(137);
    assertThat(err.strip().lines()).as(err).hasSize(1);
    assertThat(err).contains(component);
  }

  private static String componentOf(String name) {
    return rowOf(name).path("component").asString();
  }

  private static JsonNode rowOf(String name) {
    return rack.rows(
            "SELECT process, component, state FROM api.processes WHERE name = '" + name + "'")
        .path(0);
  }

  private static @org.jspecify.annotations.Nullable String placeOf(String name) {
    JsonNode row = rowOf(name);
    return row.path("state").asString("").equals("running")
        ? row.path("component").asString()
        : null;
  }

  private static String text(byte[] bytes) throws IOException {
    return new String(bytes, StandardCharsets.UTF_8);
  }
}
