package org.splitrack.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/** A small rack that is brought up, down and up again, and broken meanwhile. */
class LifecycleIT {
  private static final String[] SMALL = {
    "up", "--processors", "1", "--memories", "2", "--storages", "1"
  };

  private static final Duration LIMIT = Duration.ofSeconds(60);

  private static Rack rack;

  @BeforeAll
  static void start() {
    rack = Rack.down();
    rack.succeed(SMALL);
  }

  @AfterAll
  static void stop() {
    rack.close();
  }

  @Test
  void shouldSayThatNoRackRuns() {
    Rack none = Rack.down();

    Rack.Outcome outcome = none.command("ps");

    assertThat(outcome.exitCode()).isEqualTo(4);
    assertThat(outcome.err()).contains("./rack up");
  }

  @Test
  void shouldKeepFilesAndHistoryAndCallWhatRanLost(@TempDir Path folder) throws IOException {
    // given
    rack.succeed("put", Files.writeString(folder.resolve("text"), "kept\n").toString(), "/text");
    assertThat(rack.command("run", Rack.example("testbed/exitcode"), "5").exitCode()).isEqualTo(5);
    String endless = rack.command("run", "--detach", Rack.example("testbed/endless")).out().strip();
    List<ProcessHandle> processes = processes();

    // when
    rack.succeed("down");
    boolean anyAlive = processes.stream().anyMatch(Rack::runs);
    rack.succeed(SMALL);
    rack.succeed("sync");

    // then
    assertThat(anyAlive).as("down ends every process").isFalse();
    assertThat(rack.command("get", "/text", "-").out()).isEqualTo("kept\n");
    assertThat(state(endless)).isEqualTo("lost");
    assertThat(rack.sql("SELECT exit_code FROM api.processes WHERE exit_code = 5")).hasSize(1);
    assertThat(rack.sql("SELECT region FROM api.regions")).isEmpty();
    JsonNode next =
        rack.sql("SELECT max(process) AS newest FROM api.processes").get(0).path("newest");
    String process =
        rack.command("run", "--detach", Rack.example("testbed/exitcode"), "0").out().strip();
    assertThat(Long.parseLong(process)).isGreaterThan(next.asLong());
  }

  @Test
  void shouldKeepFilesAndHistoryWhenEverythingIsKilledAtOnce(@TempDir Path folder)
      throws IOException {
    // given
    rack.succeed("put", Files.writeString(folder.resolve("text"), "kept\n").toString(), "/killed");
    String ended;
    try (HeldProgram program =
        HeldProgram.start(rack, Rack.example("testbed/grow"), "1", "9", "9")) {
      ended = program.process();
      assertThat(program.finish().exitCode()).isZero();
    }
    String told = "SELECT * FROM api.region_history ORDER BY region, epoch, term";
    try (HeldProgram lost = HeldProgram.start(rack, Rack.example("testbed/grow"), "1", "9", "9")) {
      JsonNode history = rack.sql(told);
      assertThat(history).isNotEmpty();
      List<ProcessHandle> processes = processes();

      // when
      processes.forEach(ProcessHandle::destroyForcibly);
      await().atMost(LIMIT).until(() -> processes.stream().noneMatch(Rack::runs));

      // then
      Rack.Outcome end = lost.finish();
      assertThat(end.exitCode()).isNotZero();
      assertThat(end.err().strip().lines()).as(end.err()).hasSize(1);
      rack.succeed(SMALL);
      rack.succeed("sync");
      assertThat(rack.command("get", "/killed", "-").out()).isEqualTo("kept\n");
      assertThat(state(lost.process())).isEqualTo("lost");
      assertThat(state(ended)).isEqualTo("exited");
      assertThat(rack.sql("SELECT region FROM api.regions")).isEmpty();
      assertThat(rack.sql(told)).hasSizeGreaterThanOrEqualTo(history.size());
    }
    assertThat(rack.command("run", Rack.example("testbed/exitcode"), "4").exitCode()).isEqualTo(4);
  }

  @Test
  void shouldEndAProgramInOneLineWhenAllCopiesOfItsMemoryAreKilled() {
    try (HeldProgram program = HeldProgram.grown(rack, "1MiB", 64)) {
      // given
      rack.succeed("protected", "--wait");
      assertThat(rack.holdersOf(program.process())).containsExactly("mcomponent-0", "mcomponent-1");
      List<ProcessHandle> holders =
          List.of(rack.processOf("mcomponent-0"), rack.processOf("mcomponent-1"));

      // when
      holders.forEach(ProcessHandle::destroyForcibly);
      await().atMost(LIMIT).until(() -> holders.stream().noneMatch(Rack::runs));
      rack.succeed(SMALL);

      // then
      Rack.Outcome end = program.finish();
      assertThat(end.exitCode()).as(end.err()).isEqualTo(125);
      assertThat(end.err().strip().lines()).as(end.err()).hasSize(1);
    }
    assertThat(rack.command("run", Rack.example("testbed/exitcode"), "4").exitCode()).isEqualTo(4);
  }

  @Test
  void shouldBeHarmlessToBringUpTwiceAndRefuseOtherCounts() {
    JsonNode before = rack.description();

    Rack.Outcome again = rack.command(SMALL);
    Rack.Outcome other = rack.command("up", "--processors", "1", "--memories", "4");

    assertThat(again.exitCode()).isZero();
    assertThat(rack.description().path("components")).isEqualTo(before.path("components"));
    assertThat(other.exitCode()).isNotZero();
    assertThat(other.lastErrorLine()).contains("rack scale");
  }

  @Test
  void shouldRunTwoRacksSideBySide() {
    try (Rack two = Rack.down()) {
      two.succeed(SMALL);

      assertThat(rack.command("run", Rack.example("testbed/exitcode"), "21").exitCode())
          .isEqualTo(21);
      assertThat(two.command("run", Rack.example("testbed/exitcode"), "22").exitCode())
          .isEqualTo(22);
      assertThat(two.sql("SELECT exit_code FROM api.processes")).hasSize(1);
      assertThat(rack.sql("SELECT 1 FROM api.processes WHERE exit_code = 21")).hasSize(1);
      assertThat(rack.sql("SELECT 1 FROM api.processes WHERE exit_code = 22")).isEmpty();
    }
  }

  @Test
  void shouldShowWhatHappenedWhileTheTableServiceWasAway() {
    // given
    String ended = "SELECT exit_code, started_at, ended_at FROM api.processes WHERE exit_code = 6";
    ProcessHandle tables = rack.processOf("table-service-0");
    tables.destroyForcibly();
    await().atMost(LIMIT).until(() -> !Rack.runs(tables));

    // when
    Rack.Outcome run = rack.command("run", Rack.example("testbed/exitcode"), "6");
    Instant afterRun = Instant.now();
    assertThat(run.exitCode()).as(run.err()).isEqualTo(6);
    assertThat(rack.sql(ended)).as("not mirrored").isEmpty();
    rack.succeed(SMALL);

    // then
    await().atMost(LIMIT).until(() -> rack.sql(ended).size() == 1);
    JsonNode row = rack.sql(ended).get(0);
    assertThat(Instant.parse(row.path("ended_at").asString())).isBefore(afterRun);
  }

  private static String state(String process) {
    return rack.sql("SELECT state FROM api.processes WHERE process = " + process)
        .get(0)
        .path("state")
        .asString();
  }

  private static List<ProcessHandle> processes() {
    List<ProcessHandle> processes = new ArrayList<>();
    for (JsonNode row : rack.description().path("components")) {
      ProcessHandle.of(row.path("pid").asLong()).ifPresent(processes::add);
    }
    return processes;
  }
}
