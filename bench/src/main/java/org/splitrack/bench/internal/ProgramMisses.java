package org.splitrack.bench.internal;

import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.splitrack.bench.BenchRow;
import org.splitrack.bench.BenchRow.Better;
import org.splitrack.bench.PairedSamples;
import org.splitrack.bench.Samples;
import org.splitrack.jobs.internal.pages.BareExchange;
import tools.jackson.databind.JsonNode;

/**
 * Misses of a program in the pComponent's process, from the fault to the page's being mapped, as
 * its statistics have them; and what all threads of its page path allocate while it runs. It visits
 * pages in an order that nobody can predict, four times as many as are cached.
 */
final class ProgramMisses {
  private static final int PAIRS = 11;

  /** Enough that what the start of a process causes elsewhere is less than one miss in 100. */
  private static final String ROUNDS = "40";

  private static final int BARE_EXCHANGES = 100_000;
  private static final double P50_BOUND = 1.3;
  private static final double P99_BOUND = 2;
  private static final double NS_PER_US = 1_000;
  private static final String BASELINE = "bare socket, 64 to 64+4096 bytes";
  private static final Map<String, String> SETTINGS = Map.of("cache", "4194304", "prefetch", "off");
  private static final long WARM_UP_MS = 4_000;
  private static final long WINDOW_MS = 8_000;
  private static final double LEAST_MISSES = 100_000;

  private final BenchedRack rack;

  ProgramMisses(BenchedRack rack) {
    this.rack = rack;
  }

  List<BenchRow> latency(BareExchange bare) throws IOException {
    PairedSamples p50 = new PairedSamples();
    PairedSamples p99 = new PairedSamples();
    walk();
    for (int pair = 0; pair < PAIRS; pair++) {
      RackPrograms.Run run = walk();
      double[] bareUs = exchange(bare);
      p50.add(run.number("miss_us_p50"), bareUs[BARE_EXCHANGES / 2]);
      p99.add(run.number("miss_us_p99"), bareUs[BARE_EXCHANGES * 99 / 100]);
    }
    return List.of(
        BenchRow.paired("miss.program.p50", "us", p50, BASELINE, P50_BOUND, Better.LOWER),
        BenchRow.paired("miss.program.p99", "us", p99, BASELINE, P99_BOUND, Better.LOWER));
  }

  /** Bytes a miss over some hundred thousand misses, and the hits between them. */
  BenchRow allocation() throws IOException, InterruptedException {
    RackPrograms programs = rack.programs();
    long process =
        programs.start(
            rack.example("miss_threads"),
            List.of("--size", "16M", "--rounds", "100000", "--threads", "2"),
            SETTINGS);
    double allocated;
    try (LiveThreads threads = rack.processorThreads()) {
      Thread.sleep(WARM_UP_MS);
      long[] ids =
          LongStream.concat(
                  LongStream.of(threads.named("process-" + process + "-")),
                  LongStream.of(threads.named("write-back-process-" + process)))
              .toArray();
      long before = threads.allocatedBytes(ids);
      Thread.sleep(WINDOW_MS);
      allocated = threads.allocatedBytes(ids) - before;
    } finally {
      programs.stop(process);
    }
    JsonNode figures = programs.figures(process);
    double misses =
        figures.path("misses").asDouble() * WINDOW_MS / figures.path("wall_ms").asDouble();
    if (misses < LEAST_MISSES) {
      throw new IllegalStateException("only " + misses + " misses while it was looked at");
    }
    return BenchRow.absolute(
        "miss.allocation.program", "bytes", Samples.of(allocated / misses), 0.0, Better.LOWER);
  }

  private RackPrograms.Run walk() throws IOException {
    return rack.programs()
        .run(
            rack.example("miss_threads"),
            List.of("--size", "16M", "--rounds", ROUNDS, "--threads", "1"),
            SETTINGS);
  }

  private static double[] exchange(BareExchange bare) throws IOException {
    double[] us = new double[BARE_EXCHANGES];
    for (int i = 0; i < us.length; i++) {
      long startNs = System.nanoTime();
      bare.fetch(i & 4095);
      us[i] = (System.nanoTime() - startNs) / NS_PER_US;
    }
    Arrays.sort(us);
    return us;
  }
}
