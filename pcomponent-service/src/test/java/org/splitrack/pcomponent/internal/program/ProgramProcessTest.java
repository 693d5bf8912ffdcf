package org.splitrack.pcomponent.internal.program;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.splitrack.fabric.ProcessId;
import org.splitrack.fabric.attach.AttachClient;
import org.splitrack.fabric.attach.ProgramOutcome;
import org.splitrack.fabric.report.StateChange;

@Timeout(120)
class ProgramProcessTest {
  @TempDir Path folder;
  private ProgramRig rig;

  @BeforeEach
  void open() throws IOException {
    rig = new ProgramRig(folder);
  }

  @AfterEach
  void close() {
    rig.close();
  }

  private static void assertEnded(ProgramRig.Run run, String state, int exitCode) {
    assertThat(run.outcome().state()).as(run.toString()).isEqualTo(state);
    assertThat(run.outcome().exitCode()).as(run.toString()).isEqualTo(exitCode);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 7, 255})
  void shouldEndWithTheProgramsExitCode(int exitCode) {
    ProgramRig.Run run = rig.run("testbed/exitcode", Integer.toString(exitCode));

    assertEnded(run, "exited", exitCode);
    assertThat(run.outcome().reason()).isNull();
    assertThat(rig.ends).singleElement().matches(end -> end.exitCode() == exitCode);
  }

  @Test
  void shouldHandOverArgumentsAndEnvironment() {
    ProgramRig.Run run =
        rig.run(
            "testbed/args_env",
            InputStream.nullInputStream(),
            spec -> ProgramRig.withEnvironment(spec, Map.of("NAME", "välue")),
            "one",
            "",
            "three words here");

    assertEnded(run, "exited", 0);
    assertThat(run.output())
        .isEqualTo(
            """
            arg 0 testbed/args_env
            arg 1 one
            arg 2\s
            arg 3 three words here
            env NAME=välue
            """);
  }

  @Test
  void shouldHaveClocksThatGoOnAndRandomBytes() {
    ProgramRig.Run run = rig.run("testbed/clock_random");

    assertEnded(run, "exited", 0);
    assertThat(run.output()).contains("sleep ok", "deadline ok", "random ok");
  }

  @Test
  void shouldReadStandardInputToItsEnd() {
    String text = "some words\nmore words\n".repeat(20_000);

    ProgramRig.Run run = rig.run("cat", ProgramRig.text(text), spec -> spec);

    assertEnded(run, "exited", 0);
    assertThat(run.output()).isEqualTo(text);
  }

  @Test
  void shouldReportATrapInOneLine() {
    ProgramRig.Run run = rig.run("testbed/trap");

    assertEnded(run, "failed", 134);
    assertThat(run.output()).isEqualTo("before\n");
    assertThat(run.outcome().reason())
        .startsWith("trap: ")
        .contains("nreachable")
        .doesNotContain("\n");
  }

  @ParameterizedTest
  @ValueSource(strings = {"load", "store", "straddle", "high", "copy", "fill"})
  void shouldTrapOnAccessesOutsideTheMemory(String how) {
    ProgramRig.Run run = rig.run("testbed/oob", how);

    assertEnded(run, "failed", 134);
    assertThat(run.outcome().reason()).startsWith("trap: out of bounds memory access");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "memory"})
  void shouldTrapOnEndlessRecursion(String where) {
    ProgramRig.Run run =
        where.isEmpty()
            ? rig.run("testbed/stack_overflow")
            : rig.run("testbed/stack_overflow", where);

    assertEnded(run, "failed", 134);
    assertThat(run.outcome().reason()).startsWith("trap: ");
    assertEnded(rig.run("testbed/exitcode", "3"), "exited", 3);
  }

  @Test
  void shouldStopAnEndlessLoop() throws IOException {
    byte[] octets = ProgramRig.example("testbed/endless");
    ProcessId id = rig.start(octets, ProgramRig.spec(octets, "endless"));
    ProgramRig.Received received = new ProgramRig.Received();
    try (AttachClient client = rig.attach(id)) {
      CompletableFuture<ProgramOutcome> outcome = awaitEnd(client, received);
      await().until(() -> received.output.size() > 0);

      java.util.Objects.requireNonNull(rig.process(id)).stop("asked to");

      assertThat(outcome).succeedsWithin(ProgramRig.SOON);
      assertThat(outcome.join().state()).isEqualTo("stopped");
      assertThat(outcome.join().exitCode()).isEqualTo(143);
      assertThat(outcome.join().reason()).isEqualTo("asked to");
    }
  }

  private static CompletableFuture<ProgramOutcome> awaitEnd(
      AttachClient client, ProgramRig.Received received) {
    CompletableFuture<ProgramOutcome> outcome = new CompletableFuture<>();
    Thread.ofVirtual()
        .start(
            () -> {
              try {
                outcome.complete(client.awaitEnd(received));
              } catch (IOException e) {
                outcome.completeExceptionally(e);
              }
            });
    return outcome;
  }

  @Test
  void shouldStopAProcessWhoseCommandGoesAway() throws IOException {
    byte[] octets = ProgramRig.example("testbed/endless");
    ProcessId id = rig.start(octets, ProgramRig.spec(octets, "endless"));

    rig.attach(id).close();

    await().atMost(ProgramRig.SOON).until(() -> !rig.ends.isEmpty());
    assertThat(rig.ends.getFirst().state()).isEqualTo("stopped");
    assertThat(rig.ends.getFirst().reason()).isEqualTo("its command has gone away");
  }

  @Test
  void shouldStopAProgramThatWaitsForInput() throws IOException {
    byte[] octets = ProgramRig.example("cat");
    ProcessId id = rig.start(octets, ProgramRig.spec(octets, "cat"));
    try (AttachClient client = rig.attach(id)) {
      java.util.Objects.requireNonNull(rig.process(id)).stop("asked to");
      ProgramOutcome outcome = client.awaitEnd(new ProgramRig.Received());
      assertThat(outcome.exitCode()).isEqualTo(143);
    }
  }

  @Test
  void shouldAdmitOneCommandWithTheRightTicket() throws IOException {
    byte[] octets = ProgramRig.example("testbed/endless");
    ProcessId id = rig.start(octets, ProgramRig.spec(octets, "endless"));

    assertThatThrownBy(() -> rig.attach(id, "guess")).hasMessageContaining("does not wait here");
    assertThatThrownBy(() -> rig.attach(new ProcessId(99))).hasMessageContaining("process 99");
    try (AttachClient first = rig.attach(id)) {
      assertThat(first).isNotNull();
      assertThatThrownBy(() -> rig.attach(id)).hasMessageContaining("has its command already");
    }
  }

  @Test
  void shouldCarryMuchOutputWithoutKeepingIt() throws IOException {
    byte[] octets = ProgramRig.example("testbed/spam");
    long bytes = 200L << 20;
    ProcessId id = rig.start(octets, ProgramRig.spec(octets, "spam", Long.toString(bytes)));
    long[] received = new long[1];
    try (AttachClient client = rig.attach(id)) {
      ProgramOutcome outcome =
          client.awaitEnd(
              new AttachClient.Receiver() {
                @Override
                public void output(byte[] chunk, int length) {
                  received[0] += length;
                }

                @Override
                public void error(byte[] chunk, int length) {}
              });
      assertThat(outcome.exitCode()).isZero();
    }
    assertThat(received[0]).isEqualTo(bytes);
  }

  @Test
  void shouldMakeTheProgramWaitForASlowReader() throws IOException {
    byte[] octets = ProgramRig.example("testbed/spam");
    ProcessId id = rig.start(octets, ProgramRig.spec(octets, "spam", Long.toString(100L << 20)));
    ProgramProcess process = java.util.Objects.requireNonNull(rig.process(id));
    try (AttachClient client = rig.attach(id)) {
      await()
          .pollInterval(200, TimeUnit.MILLISECONDS)
          .atMost(ProgramRig.SOON)
          .until(new StandsStill(process));
      assertThat(process.log().read(0, 1).offset()).isLessThan(50 << 20);

      process.stop("asked to");

      await().atMost(ProgramRig.SOON).until(() -> !rig.ends.isEmpty());
      assertThat(client.awaitEnd(new ProgramRig.Received()).exitCode()).isEqualTo(143);
    }
  }

  /** Whether some output, and since the last look nothing more, was taken from the program. */
  private static final class StandsStill implements java.util.concurrent.Callable<Boolean> {
    private final ProgramProcess process;
    private long before = -1;

    StandsStill(ProgramProcess process) {
      this.process = process;
    }

    @Override
    public Boolean call() throws IOException {
      ProcessLog.Piece newest = process.log().read(Long.MAX_VALUE, 1);
      boolean still = newest.offset() > 0 && newest.offset() == before;
      before = newest.offset();
      return still;
    }
  }

  @Test
  void shouldBoundTheThreadsOfAProcess() {
    ProgramRig.Run run = rig.run("testbed/threadbomb");

    assertEnded(run, "exited", 0);
    assertThat(run.output())
        .isEqualTo("started " + (ProgramProcess.MAX_THREADS - 1) + "\nrefused 1\n");
    assertThat(run.outcome().stats()).containsEntry("threads", ProgramProcess.MAX_THREADS);
    await()
        .until(
            () ->
                rig.reports.stream()
                        .filter(StateChange.ThreadState.class::isInstance)
                        .map(StateChange.ThreadState.class::cast)
                        .filter(thread -> thread.state().equals("ended"))
                        .count()
                    == ProgramProcess.MAX_THREADS);
  }

  @Test
  void shouldRunThreadsOverOneMemory() {
    ProgramRig.Run run = rig.run("thread_counter");

    assertEnded(run, "exited", 0);
  }

  @Test
  void shouldRefuseGrowthBeyondWhatThereIsAndGoOn() {
    ProgramRig.Run run = rig.run("testbed/grow");

    assertEnded(run, "exited", 0);
    assertThat(run.output()).contains("refused 1", "intact");
    assertThat(run.stat("regions")).isEqualTo(ProgramRig.HOME_BYTES >> 24);
    assertThat(run.stat("mcomponents")).isEqualTo(3);
  }

  @Test
  void shouldKeepEveryByteWithAQuarterOfTheMemoryCached() {
    ProgramRig.Run run =
        rig.run(
            "testbed/memcheck",
            InputStream.nullInputStream(),
            spec -> ProgramRig.withCache(spec, "25%"),
            "16M",
            "1");

    assertEnded(run, "exited", 0);
    assertThat(run.output()).endsWith("ok\n");
    assertThat(run.stat("misses")).as(run.toString()).isPositive();
    assertThat(run.stat("write_backs")).isPositive();
  }

  @Test
  void shouldUseFilesAndNothingOutsideThem() {
    ProgramRig.Run files = rig.run("testbed/files");
    assertThat(files.output()).isEqualTo("ok\n");
    assertEnded(files, "exited", 0);

    ProgramRig.Run escape = rig.run("testbed/escape");
    assertEnded(escape, "exited", 0);
    assertThat(escape.output()).contains("refused").doesNotContain("reached");
  }

  @Test
  void shouldRefuseAProgramThatNeedsMoreMemoryThanThereIs() {
    ProgramRig.Run run = rig.run("testbed/huge");

    assertEnded(run, "failed", 125);
    assertThat(run.outcome().reason()).contains("MiB of memory").doesNotContain("\n");
  }

  @Test
  void shouldRefuseWhatIsNoModule() {
    byte[] octets = "#!/bin/sh\necho no\n".getBytes(UTF_8);

    ProgramRig.Run run =
        rig.run(octets, InputStream.nullInputStream(), ProgramRig.spec(octets, "script"));

    assertEnded(run, "failed", 126);
    assertThat(run.outcome().reason()).contains("not a WebAssembly module");
  }

  @Test
  void shouldNameUnknownImports() {
    byte[] octets = WasmBytes.importing("env", "do_magic");

    ProgramRig.Run run =
        rig.run(octets, InputStream.nullInputStream(), ProgramRig.spec(octets, "magic"));

    assertEnded(run, "failed", 126);
    assertThat(run.outcome().reason()).contains("env.do_magic");
  }

  @Test
  void shouldRefuseAnImportWithAnotherSignature() {
    byte[] octets = WasmBytes.importing("wasi_snapshot_preview1", "fd_close");

    ProgramRig.Run run =
        rig.run(octets, InputStream.nullInputStream(), ProgramRig.spec(octets, "wrong"));

    assertEnded(run, "failed", 126);
    assertThat(run.outcome().reason()).contains("fd_close", "signature");
  }

  @Test
  void shouldRefuseALibrary() {
    byte[] octets = WasmBytes.withMemoryOnly();

    ProgramRig.Run run =
        rig.run(octets, InputStream.nullInputStream(), ProgramRig.spec(octets, "library"));

    assertEnded(run, "failed", 126);
    assertThat(run.outcome().reason()).contains("_start");
  }

  @Test
  void shouldRefuseAStartWithParameters() {
    byte[] octets = WasmBytes.startingWithAParameter();

    ProgramRig.Run run =
        rig.run(octets, InputStream.nullInputStream(), ProgramRig.spec(octets, "start"));

    assertEnded(run, "failed", 126);
    assertThat(run.outcome().reason()).contains("_start", "signature");
    assertThat(run.stat("misses")).isZero();
  }

  @Test
  void shouldRunAGoProgram() {
    rig.files.put("text", "b a a c a b\n".getBytes(UTF_8));
    ProgramRig.Run run = rig.run("go_words/go_words", "/text");

    assertEnded(run, "exited", 0);
    assertThat(run.output()).contains("a");
  }

  @Test
  void shouldFillInEveryFigureOfTheStatistics() {
    ProgramRig.Run run = rig.run("testbed/exitcode", "0");

    assertThat(run.outcome().stats())
        .containsKeys(
            "wall_ms",
            "cpu_ms",
            "pages_touched",
            "cache_pages",
            "hits",
            "misses",
            "zero_fills",
            "prefetch_used",
            "prefetch_wasted",
            "write_backs",
            "bytes_in",
            "bytes_out",
            "miss_us_p50",
            "miss_us_p90",
            "miss_us_p99",
            "miss_us_max",
            "stall_ms_max",
            "regions",
            "mcomponents");
    assertThat(run.stat("host_calls")).isPositive();
  }

  @Test
  void shouldGiveAllFramesBack() {
    rig.run("testbed/grow");
    assertThat(rig.usedFrames()).isZero();
  }
}
