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
 * same module on plain memory. Wall time, warm: each JVM has run the program before.
 */
final class PhoenixBench implements Benchmark {
  private static final int ROUNDS = 5;
  private static final double RESIDENT_BOUND = 1.34;
  private static final double PLAIN_BOUND = 1.68;
  private static final int MIN_CACHE_PAGES = 64;
  private static final int PAGE_BYTES = 4096;

  private final Samples toResident = new Samples();
  private final Samples toPlain = new Samples();
  private final Samples toResidentUnprefetched = new Samples();

  @Override
  public String name() {
    return "phoenix";
  }

  @Override
  public List<BenchRow> measure(BenchedRack rack) throws IOException {
    List<BenchRow> rows = new ArrayList<>();
    for (Workload workload : Workload.PHOENIX) {
      rack.progress().accept("phoenix: " + workload.name());
      measure(rack, workload, rows);
    }
    rows.add(BenchRow.meanOfRatios("phoenix.to_resident", toResident, RESIDENT_BOUND));
    rows.add(BenchRow.meanOfRatios("phoenix.to_plain", toPlain, PLAIN_BOUND));
    rows.add(
        BenchRow.meanOfRatios("phoenix.unprefetched_to_resident", toResidentUnprefetched, null));
    return rows;
  }

  private void measure(BenchedRack rack, Workload workload, List<BenchRow> rows)
      throws IOException {
    RackPrograms.Run first = workload.onRack(rack, Map.of());
    long pages = (long) first.number("pages_touched");
    String quarter = Long.toString(Math.max(MIN_CACHE_PAGES, pages / 4) * PAGE_BYTES);
    PairedSamples againstResident = new PairedSamples();
    PairedSamples againstPlain = new PairedSamples();
    Samples misses = new Samples();
    Samples moved = new Samples();
    try (PlainRunner plain = workload.onPlainMemory(rack)) {
      plain.run();
      workload.onRack(rack, Map.of("cache", quarter));
      for (int round = 0; round < ROUNDS; round++) {
        RackPrograms.Run resident = workload.onRack(rack, Map.of());
        RackPrograms.Run cached = workload.onRack(rack, Map.of("cache", quarter));
        PlainRunner.Run bare = plain.run();
        workload.requireEqual(resident.outputChecksum(), cached.outputChecksum());
        workload.requireEqual(bare.outputChecksum(), cached.outputChecksum());
        againstResident.add(cached.number("wall_ms"), resident.number("wall_ms"));
        againstPlain.add(cached.number("wall_ms"), bare.wallMs());
        misses.add(cached.number("misses"));
        moved.add(cached.number("bytes_in") + cached.number("bytes_out"));
      }
    }
    RackPrograms.Run unprefetched =
        workload.onRack(rack, Map.of("cache", quarter, "prefetch", "off"));
    toResident.add(againstResident.ratios().median());
    toPlain.add(againstPlain.ratios().median());
    toResidentUnprefetched.add(
        unprefetched.number("wall_ms") / againstResident.baseline().median());
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
    rows.add(BenchRow.absolute(prefix + ".moved", "bytes", moved, null, Better.LOWER));
    rows.add(
        BenchRow.absolute(
            prefix + ".unprefetched_misses",
            "count",
            Samples.of(unprefetched.number("misses")),
            null,
            Better.LOWER));
  }
}
