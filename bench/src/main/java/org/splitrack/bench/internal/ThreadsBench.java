package org.splitrack.bench.internal;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.splitrack.bench.BenchRow;
import org.splitrack.bench.BenchRow.Better;
import org.splitrack.bench.PairedSamples;
import org.splitrack.bench.Samples;

/**
 * Threads of one program at a quarter of its pages cached: eight against the best of one, two, four
 * and eight; and how misses of four threads overlap where each takes 200 us longer.
 */
final class ThreadsBench implements Benchmark {
  private static final int[] COUNTS = {1, 2, 4, 8};
  private static final int ROUNDS = 7;

  /** More, for the bound is near to 1. */
  private static final int KMEANS_ROUNDS = 15;

  private static final double EIGHT_BOUND = 0.9;
  private static final Duration ADDED = Duration.ofNanos(200_000);
  private static final double OVERLAP_BOUND = 2.5;
  private static final String MISS_CACHE = "4194304";

  @Override
  public String name() {
    return "threads";
  }

  @Override
  public List<BenchRow> measure(BenchedRack rack) throws IOException {
    long pages = (long) run(rack, 1, Map.of()).number("pages_touched");
    Map<String, String> quarter = Map.of("cache", Long.toString(Math.max(64, pages / 4) * 4096));
    for (int count : COUNTS) {
      run(rack, count, quarter);
    }
    Samples[] wallMs = new Samples[COUNTS.length];
    for (int i = 0; i < COUNTS.length; i++) {
      wallMs[i] = new Samples();
    }
    double[][] speeds = new double[KMEANS_ROUNDS][COUNTS.length];
    for (int round = 0; round < KMEANS_ROUNDS; round++) {
      rack.progress().accept("threads: round " + (round + 1) + " of " + KMEANS_ROUNDS);
      for (int i = 0; i < COUNTS.length; i++) {
        double ms = run(rack, COUNTS[i], quarter).number("wall_ms");
        wallMs[i].add(ms);
        speeds[round][i] = 1000 / ms;
      }
    }
    int best = 0;
    for (int i = 1; i < COUNTS.length; i++) {
      best = wallMs[i].median() < wallMs[best].median() ? i : best;
    }
    PairedSamples speed = new PairedSamples();
    for (double[] round : speeds) {
      speed.add(round[COUNTS.length - 1], round[best]);
    }
    List<BenchRow> rows = new ArrayList<>();
    for (int i = 0; i < COUNTS.length; i++) {
      rows.add(
          BenchRow.absolute("threads.kmeans_" + COUNTS[i], "ms", wallMs[i], null, Better.LOWER));
    }
    rows.add(
        BenchRow.paired(
            "threads.eight",
            "runs/s",
            speed,
            "best of 1, 2, 4, 8 threads",
            EIGHT_BOUND,
            Better.HIGHER));
    rows.add(overlap(rack));
    return rows;
  }

  /** Pages in an order that nobody can predict, four times as many as are cached. */
  private static BenchRow overlap(BenchedRack rack) throws IOException {
    PairedSamples missRate = new PairedSamples();
    rack.delayProcessor(ADDED);
    try {
      missRate(rack, 1);
      missRate(rack, 4);
      for (int round = 0; round < ROUNDS; round++) {
        rack.progress().accept("threads: misses, round " + (round + 1) + " of " + ROUNDS);
        missRate.add(missRate(rack, 4), missRate(rack, 1));
      }
    } finally {
      rack.delayProcessor(Duration.ZERO);
    }
    return BenchRow.paired(
            "threads.misses_4", "visits/s", missRate, "one thread", OVERLAP_BOUND, Better.HIGHER)
        .underEmulation();
  }

  private static double missRate(BenchedRack rack, int threads) throws IOException {
    RackPrograms.Run run =
        rack.programs()
            .run(
                rack.example("miss_threads"),
                List.of("--size", "16M", "--rounds", "1", "--threads", Integer.toString(threads)),
                Map.of("cache", MISS_CACHE, "prefetch", "off"));
    return run.printed("visits") / run.printed("walk_ns") * 1e9;
  }

  private static RackPrograms.Run run(BenchedRack rack, int threads, Map<String, ?> settings)
      throws IOException {
    return rack.programs()
        .run(
            rack.example("kmeans_threads"),
            List.of("--points", "512K", "--threads", Integer.toString(threads)),
            settings);
  }
}
