package org.splitrack.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

@ExtendWith(SharedRack.class)
class ProgramsIT {
  private final Rack rack;

  ProgramsIT(Rack rack) {
    this.rack = rack;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "word_count",
        "histogram",
        "linear_regression",
        "kmeans",
        "matrix_multiply",
        "pca",
        "string_match",
        "reverse_index"
      })
  void shouldComputeTheSameWithAQuarterOfItsMemoryCached(String program) {
    // given
    JsonNode resident = rack.stats(Rack.example(program));
    long pages = resident.path("pages_touched").asLong();
    long cachePages = pages / 4;

    // when
    Path stats = rack.state().resolve("quarter.json");
    Rack.Outcome quarter =
        rack.command(
            "run",
            "--cache",
            Long.toString(cachePages * 4096),
            "--stats",
            stats.toString(),
            Rack.example(program));

    // then
    assertThat(quarter.exitCode()).as(quarter.err()).isZero();
    assertThat(quarter.out()).isEqualTo(Rack.expected(program));
    assertThat(pages * 4096).isGreaterThanOrEqualTo(64L << 20);
    assertThat(resident.path("misses").asLong()).isZero();
    JsonNode figures = read(stats);
    long brought =
        figures.path("misses").asLong()
            + figures.path("prefetch_used").asLong()
            + figures.path("zero_fills").asLong();
    assertThat(brought - cachePages).as("evicted pages").isGreaterThanOrEqualTo(2 * cachePages);
  }

  @Test
  void shouldGiveAThreadedProgramTheSameResultForAnyNumberOfThreads() {
    String one = rack.command("run", Rack.example("kmeans_threads"), "--threads", "1").out();
    String four =
        rack.command("run", "--cache", "25%", Rack.example("kmeans_threads"), "--threads", "4")
            .out();

    assertThat(one).isNotEmpty();
    assertThat(four).isEqualTo(one);
  }

  @Test
  void shouldRunAProgramInGo() {
    Rack.Outcome outcome =
        rack.commandWithInput(
            "b a b\n".getBytes(StandardCharsets.UTF_8),
            "run",
            "--cache",
            "25%",
            Rack.example("go_words/go_words"));

    assertThat(outcome.exitCode()).as(outcome.err()).isZero();
    assertThat(outcome.out()).contains("b").contains("2");
  }

  @Test
  void shouldPassArgumentsAndEnvironment() {
    Rack.Outcome outcome =
        rack.command(
            "run", "--env", "COLOUR=blue", Rack.example("testbed/args_env"), "one", "two words");

    assertThat(outcome.out()).contains("one").contains("two words").contains("COLOUR=blue");
  }

  @Test
  void shouldPipeStandardStreams() {
    Rack.Outcome outcome =
        rack.commandWithInput(
            "hello\n".getBytes(StandardCharsets.UTF_8), "run", Rack.example("upper"));

    assertThat(outcome.out()).isEqualTo("HELLO\n");
  }

  @Test
  void shouldEndWithTheProgramsOwnExitCode() {
    assertThat(rack.command("run", Rack.example("testbed/exitcode"), "7").exitCode()).isEqualTo(7);
  }

  @ParameterizedTest
  @CsvSource({"trap,unreachable", "oob,out of bounds", "stack_overflow,stack"})
  void shouldEndOnlyTheProgramThatTraps(String program, String why) {
    // given
    Process other = rack.start("run", "--cache", "25%", Rack.example("kmeans"));

    // when
    Rack.Outcome outcome = rack.command("run", Rack.example("testbed/" + program));

    // then
    assertThat(outcome.exitCode()).as(outcome.err()).isEqualTo(134);
    assertThat(outcome.lastErrorLine()).containsIgnoringCase(why);
    assertThat(exitOf(other)).isZero();
  }

  @Test
  void shouldRefuseWhatIsNoModuleInOneLine(@TempDir Path folder) throws IOException {
    Path text = Files.writeString(folder.resolve("text.wasm"), "this is no program");

    Rack.Outcome outcome = rack.command("run", text.toString());

    assertThat(outcome.exitCode()).isEqualTo(126);
    assertThat(outcome.err().strip().lines()).hasSize(1);
  }

  @Test
  void shouldNameTheImportsThatItDoesNotKnow(@TempDir Path folder) throws IOException {
    // (module (import "env" "frobnicate" (func)) (memory 1) (func (export "_start")))
    byte[] module = {
      0, 'a', 's', 'm', 1, 0, 0, 0, //
      1, 4, 1, 0x60, 0, 0, //
      2, 18, 1, 3, 'e', 'n', 'v', 10, 'f', 'r', 'o', 'b', 'n', 'i', 'c', 'a', 't', 'e', 0, 0, //
      3, 2, 1, 0, //
      5, 3, 1, 0, 1, //
      7, 10, 1, 6, '_', 's', 't', 'a', 'r', 't', 0, 1, //
      10, 4, 1, 2, 0, 0x0b
    };
    Path file = Files.write(folder.resolve("imports.wasm"), module);

    Rack.Outcome outcome = rack.command("run", file.toString());

    assertThat(outcome.exitCode()).as(outcome.err()).isEqualTo(126);
    assertThat(outcome.lastErrorLine()).contains("env").contains("frobnicate");
  }

  @Test
  void shouldSayThatAFileIsMissing() {
    Rack.Outcome outcome = rack.command("run", "/no/such/program.wasm");

    assertThat(outcome.exitCode()).isEqualTo(126);
    assertThat(outcome.err()).contains("/no/such/program.wasm");
  }

  @Test
  void shouldEndAnEndlessLoopAfterItsTime() {
    Rack.Outcome outcome = rack.command("run", "--timeout", "2s", Rack.example("testbed/endless"));

    assertThat(outcome.exitCode()).isEqualTo(124);
    awaitNothingRuns();
  }

  @Test
  void shouldStopTheProgramOnCtrlC() throws IOException {
    // given
    Process run = rack.start("run", "--name", "looper", Rack.example("testbed/endless"));
    await().atMost(Duration.ofSeconds(60)).until(() -> rack.sql(running("looper")).size() == 1);

    // when
    new ProcessBuilder("kill", "-INT", Long.toString(run.pid())).start();

    // then
    assertThat(exitOf(run)).isEqualTo(130);
    awaitNothingRuns();
  }

  @Test
  void shouldCarryAGigabyteOfOutputWithoutKeepingIt() throws Exception {
    long bytes = 1_000_000_000;
    Process run = rack.start("run", Rack.example("testbed/spam"), Long.toString(bytes));

    long seen = 0;
    byte[] buffer = new byte[1 << 16];
    try (var out = run.getInputStream()) {
      for (int n = out.read(buffer); n >= 0; n = out.read(buffer)) {
        seen += n;
      }
    }

    assertThat(exitOf(run)).isZero();
    assertThat(seen).isEqualTo(bytes);
  }

  @Test
  void shouldBoundTheThreadsOfAProgram() {
    Rack.Outcome bomb = rack.command("run", Rack.example("testbed/threadbomb"));

    assertThat(bomb.exitCode()).as(bomb.err()).isZero();
    assertThat(bomb.out()).containsPattern("\\d+");
    assertThat(rack.command("run", Rack.example("testbed/exitcode"), "0").exitCode()).isZero();
  }

  @Test
  void shouldVerifyMemoryUnderATinyCache() {
    Rack.Outcome outcome =
        rack.command(
            "run", "--cache", "1048576", Rack.example("testbed/memcheck"), "16777216", "2", "42");

    assertThat(outcome.exitCode()).as(outcome.err() + outcome.out()).isZero();
  }

  @Test
  void shouldTakeLessCacheWhileItRuns() {
    // given
    Rack.Outcome started =
        rack.command("run", "--detach", "--name", "squeezed", Rack.example("kmeans"));
    String process = started.out().strip();

    // when
    Rack.Outcome set = rack.command("set", process, "cache=25%");
    Rack.Outcome waited = rack.command("wait", process);

    // then
    assertThat(set.exitCode()).as(set.err()).isZero();
    assertThat(waited.exitCode()).as(waited.err()).isZero();
    rack.succeed("sync");
    JsonNode row =
        rack.sql("SELECT misses, write_backs FROM api.processes WHERE process = " + process).get(0);
    assertThat(row.path("misses").asLong() + row.path("write_backs").asLong()).isPositive();
    assertThat(rack.command("logs", process).out()).isEqualTo(Rack.expected("kmeans"));
  }

  private void awaitNothingRuns() {
    await()
        .atMost(Duration.ofSeconds(90))
        .until(
            () -> rack.sql("SELECT process FROM api.processes WHERE state = 'running'").isEmpty());
  }

  private static String running(String name) {
    return "SELECT process FROM api.processes WHERE state = 'running' AND name = '" + name + "'";
  }

  private static int exitOf(Process process) {
    try {
      assertThat(process.waitFor(120, TimeUnit.SECONDS)).as("ends").isTrue();
      return process.exitValue();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private static JsonNode read(Path file) {
    try {
      return tools.jackson.databind.json.JsonMapper.shared().readTree(Files.readString(file));
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }
}
