package org.splitrack.bench.internal;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.splitrack.bench.BenchRow;
import org.splitrack.bench.BenchRow.Better;
import org.splitrack.bench.PairedSamples;
import org.splitrack.bench.Samples;

/**
 * Threads of one program at a quarter of its pages cached: eight against the best of one, two, four
 * and eight.
 */
final class ThreadsBench implements Benchmark {
  private static final int[] COUNTS = {1, 2, 4, 8};
  private static final int ROUNDS = 5;
  private static final double EIGHT_BOUND = 0.9;

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
    PairedSamples speed = new PairedSamples();
    for (int round = 0; round < ROUNDS; round++) {
      rack.progress().accept("threads: round " + (round + 1) + " of " + ROUNDS);
      double best = 0;
      double eight = 0;
      for (int i = 0; i < COUNTS.length; i++) {
        double ms = run(rack, COUNTS[i], quarter).number("wall_ms");
        wallMs[i].add(ms);
        eight = 1000 / ms;
        best = Math.max(best, eight);
      }
      speed.add(eight, best);
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
    return rows;
  }

  private static RackPrograms.Run run(BenchedRack rack, int threads, Map<String, ?> settings)
      throws IOException {
    return rack.programs()
        .run(
            rack.example("kmeans_threads"),
            List.of("--points", "256K", "--threads", Integer.toString(threads)),
            settings);
  }
}
