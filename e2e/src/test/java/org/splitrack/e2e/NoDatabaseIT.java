package org.splitrack.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * PostgreSQL is killed under programs that run. What needs no authority goes on; what needs it
 * waits, and is done when PostgreSQL is there again; no program is started meanwhile.
 */
@LongTest
@ExtendWith(SharedRack.class)
class NoDatabaseIT {
  private static final String DATABASE = "postgres-0";
  private static final long LIMIT_S = 60;

  /**
   * Longer than what waits would take otherwise, and than a process may be missing at its
   * pComponent; shorter than it waits at most.
   */
  private static final Duration HELD_BACK = Duration.ofSeconds(8);

  /** WebAssembly pages of a region: whoever grows by as many needs another region. */
  private static final String REGION = "256";

  private Rack rack;

  @BeforeEach
  void use(Rack shared) {
    rack = shared;
  }

  @AfterEach
  void mend() {
    rack.succeed("up");
    rack.succeed("sync", "--timeout", "60s");
  }

  @Test
  void shouldComputeOnAndHoldBackWhatNeedsPostgresUntilItIsThereAgain() throws Exception {
    String grow = Rack.example("testbed/grow");
    String output = "/sorted-" + System.nanoTime();
    String ended;
    Process sorting = rack.start("run", "--name", output, Rack.example("sort_lines"), "-o", output);
    try (HeldProgram computing = HeldProgram.grown(rack, "1MiB", 64);
        HeldProgram growing = HeldProgram.start(rack, grow, REGION, "512", REGION)) {
      // given
      rack.awaitRow(
          "SELECT 1 FROM api.processes WHERE state = 'running' AND name = '%s'".formatted(output));
      ended = computing.process();
      ProcessHandle database = rack.processOf(DATABASE);

      // when
      rack.succeed("kill", DATABASE);
      assertThat(Rack.runs(database)).isFalse();

      // then what has its memory goes on with it
      assertIntact(inTheBackground(computing).get(LIMIT_S, TimeUnit.SECONDS), 64);

      // and nothing new begins
      Rack.Outcome run = rack.command("run", Rack.example("testbed/exitcode"), "4");
      assertThat(run.exitCode()).as(run.err()).isEqualTo(125);
      assertThat(run.err().strip().lines()).as(run.err()).hasSize(1);
      assertThat(run.err()).contains("PostgreSQL does not answer");

      // and what wants more memory, or a file, waits
      CompletableFuture<Rack.Outcome> grown = inTheBackground(growing);
      try (OutputStream lines = sorting.getOutputStream()) {
        lines.write("b\na\n".getBytes(StandardCharsets.UTF_8));
      }
      await()
          .during(HELD_BACK)
          .atMost(HELD_BACK.multipliedBy(2))
          .until(() -> !grown.isDone() && sorting.isAlive());

      // when
      rack.succeed("start", DATABASE);

      // then
      assertIntact(grown.get(LIMIT_S, TimeUnit.SECONDS), 512);
      assertThat(sorting.waitFor(LIMIT_S, TimeUnit.SECONDS)).as("sorts on").isTrue();
      assertThat(sorting.exitValue()).as(errorOf(sorting)).isZero();
      assertThat(rack.command("get", output, "-").out()).isEqualTo("a\nb\n");
    } finally {
      sorting.destroy();
    }
    rack.awaitRow(
        "SELECT 1 FROM api.processes WHERE state = 'exited' AND exit_code = 0 AND process = "
            + ended);
    rack.succeed("sync", "--timeout", "60s");
    assertThat(rack.command("run", Rack.example("testbed/exitcode"), "4").exitCode()).isEqualTo(4);
  }

  private static CompletableFuture<Rack.Outcome> inTheBackground(HeldProgram program) {
    return CompletableFuture.supplyAsync(program::finish);
  }

  private static void assertIntact(Rack.Outcome end, int grown) {
    assertThat(end.exitCode()).as(end.out() + end.err()).isZero();
    assertThat(end.out().lines()).contains("grown " + grown, "refused 0", "intact");
  }

  private static String errorOf(Process command) throws IOException {
    return new String(command.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
  }
}
