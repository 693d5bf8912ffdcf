package org.splitrack.e2e;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.splitrack.fabric.Endpoint;

/** What the commands that break things do to the components of a small rack. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class FaultCommandsIT {
  private static final String[] SMALL = {"--processors", "1", "--memories", "1", "--storages", "1"};

  private static Rack rack;

  @BeforeAll
  static void start() {
    rack = Rack.up(SMALL);
  }

  @AfterAll
  static void stop() {
    rack.close();
  }

  @Test
  void shouldKeepAKilledComponentDeadUntilItIsStartedWithAnotherBoot() {
    // given
    String boot = boot("mcomponent-0");
    ProcessHandle process = rack.processOf("mcomponent-0");
    Endpoint endpoint = rack.fabricOf("mcomponent-0");

    // when
    assertThat(rack.command("kill", "mcomponent-0").exitCode()).isZero();

    // then
    assertThat(Rack.runs(process)).isFalse();
    refuse(1, "./rack start mcomponent-0", "kill", "mcomponent-0");
    refuse(1, "./rack start mcomponent-0", "pause", "mcomponent-0");

    // when
    Rack.Outcome start = rack.command("start", "mcomponent-0");
    assertThat(start.exitCode()).as(start.err()).isZero();

    // then under the same name and address, and known as another start
    assertThat(rack.fabricOf("mcomponent-0")).isEqualTo(endpoint);
    await().atMost(Duration.ofSeconds(30)).until(() -> !boot("mcomponent-0").equals(boot));
    refuse(1, "is running already", "start", "mcomponent-0");
    assertThat(
            rack.command("run", "--ack", "none", Rack.example("testbed/exitcode"), "4").exitCode())
        .isEqualTo(4);
  }

  @ParameterizedTest
  @ValueSource(strings = {"postgres-0", "kafka-0"})
  void shouldBringAStoreBackWithAllThatItHeld(String store) {
    // given
    assertThat(
            rack.command("run", "--ack", "none", Rack.example("testbed/exitcode"), "9").exitCode())
        .isEqualTo(9);
    int before = rack.sql("SELECT process FROM api.processes").size();

    // when
    Rack.Outcome kill = rack.command("kill", store, "--restart-after", "200ms");
    assertThat(kill.exitCode()).as(kill.err()).isZero();

    // then
    assertThat(rack.command("sync", "--timeout", "60s").exitCode()).isZero();
    assertThat(rack.sql("SELECT process FROM api.processes").size()).isGreaterThanOrEqualTo(before);
    assertThat(
            rack.command("run", "--ack", "none", Rack.example("testbed/exitcode"), "5").exitCode())
        .isEqualTo(5);
  }

  @Test
  void shouldFreezeAllOfPostgresAndWakeIt() {
    // when
    assertThat(rack.command("pause", "postgres-0").exitCode()).isZero();

    // then
    refuse(1, "./rack resume postgres-0", "pause", "postgres-0");
    refuse(1, "./rack resume postgres-0", "start", "postgres-0");
    refuse(1, "postgres-0 does not answer", "sql", "SELECT 1");

    // when
    assertThat(rack.command("resume", "postgres-0").exitCode()).isZero();

    // then
    assertThat(rack.sql("SELECT 1 AS one").path(0).path("one").asInt()).isEqualTo(1);
    refuse(1, "is not paused", "resume", "postgres-0");
  }

  @Test
  void shouldLetNothingPassBetweenTwoThatAreCutUntilHealed() throws Exception {
    // given a program that needs its pages again and again
    Process run =
        rack.start(
            "run",
            "--ack",
            "none",
            "--cache",
            "1048576",
            Rack.example("testbed/memcheck"),
            "16777216",
            "12",
            "42");
    awaitLoad("> 0");

    // when
    assertThat(rack.command("cut", "pcomponent-0", "mcomponent-0").exitCode()).isZero();

    // then both stand still, and say nothing
    awaitLoad("= 0");
    assertThat(run.isAlive()).as("waits for its pages").isTrue();

    // when
    assertThat(rack.command("heal", "pcomponent-0").exitCode()).isZero();

    // then it goes on as if nothing had been
    assertThat(run.waitFor(180, TimeUnit.SECONDS)).as("goes on").isTrue();
    assertThat(run.exitValue()).isZero();
    assertThat(new String(run.getInputStream().readAllBytes(), UTF_8).strip()).endsWith("ok");
  }

  @Test
  void shouldSayInOneLineThatNoManagerStartsPrograms() {
    // given
    rack.succeed("kill", "global-manager-0");

    // then
    refuse(125, "global-manager-0 does not answer", "run", Rack.example("testbed/exitcode"), "4");

    // when
    rack.succeed("start", "global-manager-0");

    // then
    assertThat(
            rack.command("run", "--ack", "none", Rack.example("testbed/exitcode"), "4").exitCode())
        .isEqualTo(4);
  }

  @Test
  void shouldSayInOneLineThatNoSComponentKeepsFiles(@TempDir Path folder) throws IOException {
    // given
    Path kept = Files.write(folder.resolve("kept"), new byte[3 << 20]);
    rack.succeed("put", kept.toString(), "/kept");
    rack.succeed("kill", "scomponent-0");

    // then both wait for it, with a limit
    refuse(1, "sComponent", "put", kept.toString(), "/other");
    refuse(1, "scomponent-0 cannot be reached", "get", "/kept", folder.resolve("got").toString());
    assertThat(folder.resolve("got")).doesNotExist();

    // when
    rack.succeed("start", "scomponent-0");

    // then
    rack.succeed("get", "/kept", folder.resolve("got").toString());
    assertThat(folder.resolve("got")).hasSameBinaryContentAs(kept);
    assertThat(rack.command("ls", "/other").exitCode()).as("nothing half there").isEqualTo(1);
  }

  @ParameterizedTest
  @CsvSource({
    "1,mcomponent-7,kill mcomponent-7",
    "1,./rack components,cut mcomponent-0 scomponent-4",
    "2,cut from itself,cut mcomponent-0 mcomponent-0",
    "2,./rack pause kafka-0,cut mcomponent-0 kafka-0",
    "1,region,migrate 999999999 mcomponent-0"
  })
  void shouldRefuseWhatCannotBeInOneLine(int exitCode, String reason, String command) {
    refuse(exitCode, reason, command.split(" ", -1));
  }

  @Test
  @Order(Integer.MAX_VALUE)
  void shouldEndAPausedComponentWithTheRack() {
    ProcessHandle process = rack.processOf("mcomponent-0");
    assertThat(rack.command("pause", "mcomponent-0").exitCode()).isZero();

    Rack.Outcome down = rack.command("down");

    assertThat(down.exitCode()).as(down.err()).isZero();
    assertThat(Rack.runs(process)).isFalse();
  }

  private static void awaitLoad(String what) {
    await()
        .atMost(Duration.ofSeconds(30))
        .until(
            () ->
                rack.rows(
                            "SELECT 1 FROM api.components WHERE component = 'mcomponent-0' AND load "
                                + what)
                        .size()
                    == 1);
  }

  private static void refuse(int exitCode, String reason, String... words) {
    Rack.Outcome outcome = rack.command(words);
    assertThat(outcome.exitCode()).as(List.of(words) + ": " + outcome.err()).isEqualTo(exitCode);
    assertThat(outcome.err().strip().lines()).as(outcome.err()).hasSize(1);
    assertThat(outcome.err()).contains(reason);
  }

  private static String boot(String component) {
    return rack.sql("SELECT boot_id FROM api.components WHERE component = '" + component + "'")
        .path(0)
        .path("boot_id")
        .asString();
  }
}
