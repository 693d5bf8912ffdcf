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
 * The eight Phoenix workloads: a quarter of their pages cached against all of them, and against the
 * same module on plain memory. Warm: each JVM has run the program before. Inputs are smaller than
 * the programs' defaults, so that five rounds of everything fit the time; the cache shrinks with
 * them.
 */
final class PhoenixBench implements Benchmark {
  private static final int ROUNDS = 5;
  private static final double RESIDENT_BOUND = 1.34;
  private static final double PLAIN_BOUND = 1.68;

  private record Workload(String name, List<String> arguments) {}

  private static final List<Workload> WORKLOADS =
      List.of(
          new Workload("word_count", List.of("--size", "20M")),
          new Workload("histogram", List.of("--size", "32M")),
          new Workload("linear_regression", List.of("--size", "40M")),
          new Workload("kmeans", List.of("--points", "256K")),
          new Workload(
              "matrix_multiply", List.of("--rows", "1408", "--inner", "256", "--columns", "1408")),
          new Workload("pca", List.of("--rows", "64", "--columns", "98304")),
          new Workload("string_match", List.of("--size", "24M")),
          new Workload("reverse_index", List.of("--size", "12M")));

  @Override
  public String name() {
    return "phoenix";
  }

  @Override
  public List<BenchRow> measure(BenchedRack rack) throws IOException {
    List<BenchRow> rows = new ArrayList<>();
    Samples toResident = new Samples();
    Samples toPlain = new Samples();
    Samples toResidentUnprefetched = new Samples();
    for (Workload workload : WORKLOADS) {
      rack.progress().accept("phoenix: " + workload.name());
      measure(rack, workload, rows, toResident, toPlain, toResidentUnprefetched);
    }
    rows.add(mean("phoenix.to_resident", toResident, RESIDENT_BOUND));
    rows.add(mean("phoenix.to_plain", toPlain, PLAIN_BOUND));
    rows.add(mean("phoenix.unprefetched_to_resident", toResidentUnprefetched, null));
    return rows;
  }

  private static BenchRow mean(
      String name, Samples ratios, @org.jspecify.annotations.Nullable Double bound) {
    double mean = ratios.geometricMean();
    return new BenchRow(
        name,
        "ratio",
        mean,
        null,
        null,
        null,
        bound,
        "lower",
        bound == null || mean <= bound,
        ratios.count(),
        0,
        false);
  }

  private static void measure(
      BenchedRack rack,
      Workload workload,
      List<BenchRow> rows,
      Samples toResident,
      Samples toPlain,
      Samples toResidentUnprefetched)
      throws IOException {
    RackPrograms.Run first = run(rack, workload, Map.of());
    long cacheBytes = Math.max(64, (long) first.number("pages_touched") / 4) * 4096;
    Map<String, String> quarter = Map.of("cache", Long.toString(cacheBytes));
    PairedSamples againstResident = new PairedSamples();
    PairedSamples againstPlain = new PairedSamples();
    Samples misses = new Samples();
    Samples bytes = new Samples();
    try (PlainRunner plain = new PlainRunner(rack.example(workload.name()), workload.arguments())) {
      plain.run();
      run(rack, workload, quarter);
      for (int round = 0; round < ROUNDS; round++) {
        RackPrograms.Run resident = run(rack, workload, Map.of());
        RackPrograms.Run cached = run(rack, workload, quarter);
        PlainRunner.Run bare = plain.run();
        requireEqual(workload, resident.outputChecksum(), cached.outputChecksum());
        requireEqual(workload, bare.outputChecksum(), cached.outputChecksum());
        againstResident.add(cached.number("wall_ms"), resident.number("wall_ms"));
        againstPlain.add(cached.number("wall_ms"), bare.wallMs());
        misses.add(cached.number("misses"));
        bytes.add(cached.number("bytes_in") + cached.number("bytes_out"));
      }
    }
    RackPrograms.Run unprefetched =
        run(rack, workload, Map.of("cache", Long.toString(cacheBytes), "prefetch", "off"));
    String prefix = "phoenix." + workload.name();
    rows.add(
        BenchRow.paired(
            prefix + ".to_resident",
            "ms",
            againstResident,
            "all pages cached",
            null,
            Better.LOWER));
    rows.add(
        BenchRow.paired(
            prefix + ".to_plain", "ms", againstPlain, "plain memory", null, Better.LOWER));
    rows.add(BenchRow.absolute(prefix + ".misses", "count", misses, null, Better.LOWER));
    rows.add(BenchRow.absolute(prefix + ".moved", "bytes", bytes, null, Better.LOWER));
    rows.add(
        BenchRow.absolute(
            prefix + ".unprefetched_misses",
            "count",
            Samples.of(unprefetched.number("misses")),
            null,
            Better.LOWER));
    toResident.add(againstResident.ratios().median());
    toPlain.add(againstPlain.ratios().median());
    toResidentUnprefetched.add(
        unprefetched.number("wall_ms") / againstResident.baseline().median());
  }

  private static RackPrograms.Run run(BenchedRack rack, Workload workload, Map<String, ?> settings)
      throws IOException {
    return rack.programs().run(rack.example(workload.name()), workload.arguments(), settings);
  }

  private static void requireEqual(Workload workload, long one, long other) {
    if (one != other) {
      throw new IllegalStateException(workload.name() + " computed different results");
    }
  }
}
