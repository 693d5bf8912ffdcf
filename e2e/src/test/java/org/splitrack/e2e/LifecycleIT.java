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
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

class LifecycleIT {
  private static final String[] SMALL = {
    "up", "--processors", "1", "--memories", "2", "--storages", "1"
  };

  private static final Duration LIMIT = Duration.ofSeconds(60);

  @Test
  void shouldSayThatNoRackRuns() {
    Rack rack = Rack.down();

    Rack.Outcome outcome = rack.command("ps");

    assertThat(outcome.exitCode()).isEqualTo(4);
    assertThat(outcome.err()).contains("./rack up");
  }

  @Test
  void shouldKeepFilesAndHistoryAndCallWhatRanLost(@TempDir Path folder) throws IOException {
    try (Rack rack = Rack.down()) {
      // given
      assertThat(rack.command(SMALL).exitCode()).isZero();
      Path text = Files.writeString(folder.resolve("text"), "kept\n");
      assertThat(rack.command("put", text.toString(), "/text").exitCode()).isZero();
      assertThat(rack.command("run", Rack.example("testbed/exitcode"), "5").exitCode())
          .isEqualTo(5);
      String endless =
          rack.command("run", "--detach", Rack.example("testbed/endless")).out().strip();
      List<ProcessHandle> processes = processes(rack);

      // when
      assertThat(rack.command("down").exitCode()).isZero();
      boolean anyAlive = processes.stream().anyMatch(Rack::runs);
      assertThat(rack.command(SMALL).exitCode()).isZero();
      rack.succeed("sync");

      // then
      assertThat(anyAlive).as("down ends every process").isFalse();
      assertThat(rack.command("get", "/text", "-").out()).isEqualTo("kept\n");
      assertThat(state(rack, endless)).isEqualTo("lost");
      assertThat(rack.sql("SELECT exit_code FROM api.processes WHERE exit_code = 5")).hasSize(1);
      assertThat(rack.sql("SELECT region FROM api.regions")).isEmpty();
      JsonNode next =
          rack.sql("SELECT max(process) AS newest FROM api.processes").get(0).path("newest");
      String process =
          rack.command("run", "--detach", Rack.example("testbed/exitcode"), "0").out().strip();
      assertThat(Long.parseLong(process)).isGreaterThan(next.asLong());
    }
  }

  @Test
  void shouldKeepFilesAndHistoryWhenEverythingIsKilledAtOnce(@TempDir Path folder)
      throws IOException, InterruptedException {
    try (Rack rack = Rack.down()) {
      // given
      rack.succeed(SMALL);
      rack.succeed("put", Files.writeString(folder.resolve("text"), "kept\n").toString(), "/text");
      try (HeldProgram ended =
          HeldProgram.start(rack, Rack.example("testbed/grow"), "1", "9", "9")) {
        assertThat(ended.finish().exitCode()).isZero();
      }
      String told = "SELECT * FROM api.region_history ORDER BY region, epoch, term";
      try (HeldProgram lost =
          HeldProgram.start(rack, Rack.example("testbed/grow"), "1", "9", "9")) {
        JsonNode history = rack.sql(told);
        assertThat(history).isNotEmpty();
        List<ProcessHandle> processes = processes(rack);

        // when
        processes.forEach(ProcessHandle::destroyForcibly);
        await().atMost(LIMIT).until(() -> processes.stream().noneMatch(Rack::runs));

        // then
        Rack.Outcome end = lost.finish();
        assertThat(end.exitCode()).isNotZero();
        assertThat(end.err().strip().lines()).as(end.err()).hasSize(1);
        rack.succeed(SMALL);
        rack.succeed("sync");
        assertThat(rack.command("get", "/text", "-").out()).isEqualTo("kept\n");
        assertThat(state(rack, lost.process())).isEqualTo("lost");
        assertThat(rack.sql("SELECT exit_code FROM api.processes WHERE state = 'exited'"))
            .hasSize(1);
        assertThat(rack.sql("SELECT region FROM api.regions")).isEmpty();
        assertThat(rack.sql(told)).hasSizeGreaterThanOrEqualTo(history.size());
      }
      assertThat(rack.command("run", Rack.example("testbed/exitcode"), "4").exitCode())
          .isEqualTo(4);
    }
  }

  @Test
  void shouldEndAProgramInOneLineWhenAllCopiesOfItsMemoryAreKilled() {
    try (Rack rack = Rack.down()) {
      rack.succeed(SMALL);
      try (HeldProgram program = HeldProgram.grown(rack, "1MiB", 64)) {
        // given
        rack.succeed("protected", "--wait");
        assertThat(rack.holdersOf(program.process()))
            .containsExactly("mcomponent-0", "mcomponent-1");
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
      assertThat(rack.command("run", Rack.example("testbed/exitcode"), "4").exitCode())
          .isEqualTo(4);
    }
  }

  @Test
  void shouldBeHarmlessToBringUpTwiceAndRefuseOtherCounts() {
    try (Rack rack = Rack.down()) {
      assertThat(rack.command(SMALL).exitCode()).isZero();
      JsonNode before = rack.description();

      Rack.Outcome again = rack.command(SMALL);
      Rack.Outcome other = rack.command("up", "--processors", "1", "--memories", "4");

      assertThat(again.exitCode()).isZero();
      assertThat(rack.description().path("components")).isEqualTo(before.path("components"));
      assertThat(other.exitCode()).isNotZero();
      assertThat(other.lastErrorLine()).contains("rack scale");
    }
  }

  @Test
  void shouldRunTwoRacksSideBySide() {
    try (Rack one = Rack.down();
        Rack two = Rack.down()) {
      assertThat(one.command(SMALL).exitCode()).isZero();
      assertThat(two.command(SMALL).exitCode()).isZero();

      assertThat(one.command("run", Rack.example("testbed/exitcode"), "1").exitCode()).isEqualTo(1);
      assertThat(two.command("run", Rack.example("testbed/exitcode"), "2").exitCode()).isEqualTo(2);
      assertThat(one.sql("SELECT exit_code FROM api.processes")).hasSize(1);
    }
  }

  @Test
  void shouldShowWhatHappenedWhileTheTableServiceWasAway() {
    try (Rack rack = Rack.down()) {
      // given
      assertThat(rack.command(SMALL).exitCode()).isZero();
      ProcessHandle tables = rack.processOf("table-service-0");
      tables.destroyForcibly();
      await().atMost(LIMIT).until(() -> !Rack.runs(tables));

      // when
      Rack.Outcome run = rack.command("run", Rack.example("testbed/exitcode"), "6");
      Instant afterRun = Instant.now();
      assertThat(run.exitCode()).as(run.err()).isEqualTo(6);
      assertThat(rack.sql("SELECT process FROM api.processes")).as("not mirrored").isEmpty();
      assertThat(rack.command(SMALL).exitCode()).isZero();

      // then
      await().atMost(LIMIT).until(() -> rack.sql("SELECT process FROM api.processes").size() == 1);
      JsonNode row = rack.sql("SELECT exit_code, started_at, ended_at FROM api.processes").get(0);
      assertThat(row.path("exit_code").asInt()).isEqualTo(6);
      assertThat(Instant.parse(row.path("ended_at").asString())).isBefore(afterRun);
    }
  }

  private static String state(Rack rack, String process) {
    return rack.sql("SELECT state FROM api.processes WHERE process = " + process)
        .get(0)
        .path("state")
        .asString();
  }

  private static List<ProcessHandle> processes(Rack rack) {
    List<ProcessHandle> processes = new ArrayList<>();
    for (JsonNode row : rack.description().path("components")) {
      ProcessHandle.of(row.path("pid").asLong()).ifPresent(processes::add);
    }
    return processes;
  }
}
