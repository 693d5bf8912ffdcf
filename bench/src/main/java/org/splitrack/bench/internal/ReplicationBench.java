package org.splitrack.bench.internal;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.splitrack.bench.BenchRow;
import org.splitrack.bench.BenchRow.Better;
import org.splitrack.bench.PairedSamples;
import org.splitrack.bench.Samples;
import org.splitrack.fabric.memory.PageWriter;

/**
 * What a second copy costs: a stream of write-backs that two mComponents hold before they are
 * acknowledged, against a bare relay; and the Phoenix workloads at a quarter of their pages, SAFE
 * against one copy.
 */
final class ReplicationBench implements Benchmark {
  /**
   * How three busy processes share two cores differs from one set of connections to the next by a
   * tenth and more, and hardly while they last.
   */
  private static final int STREAMS = 7;

  /** Of each. */
  private static final int PAIRS = 61;

  private static final int ROUNDS = 5;
  private static final double PHOENIX_BOUND = 1.23;
  private static final int MIN_CACHE_PAGES = 64;
  private static final int PAGE_BYTES = 4096;

  @Override
  public String name() {
    return "replication";
  }

  @Override
  public List<BenchRow> measure(BenchedRack rack) throws IOException {
    List<BenchRow> rows = new ArrayList<>(List.of(stream(rack)));
    Samples ratios = new Samples();
    for (Workload workload : Workload.PHOENIX) {
      rack.progress().accept("replication: " + workload.name());
      PairedSamples safe = programs(rack, workload);
      ratios.add(safe.ratios().median());
      rows.add(
          BenchRow.paired(
              "replication." + workload.name() + ".safe",
              "ms",
              safe,
              "one copy",
              null,
              Better.LOWER));
    }
    rows.add(BenchRow.meanOfRatios("replication.phoenix", ratios, PHOENIX_BOUND));
    return rows;
  }

  private static BenchRow stream(BenchedRack rack) throws IOException {
    PairedSamples rates = new PairedSamples();
    for (int number = 1; number <= STREAMS; number++) {
      rack.progress().accept("replication: stream " + number + " of " + STREAMS);
      try (BareProcesses bare = new BareProcesses();
          BareStream stream =
              BareStream.connect(
                  bare.start(BareRelay.class, Integer.toString(bare.start(BareStream.class))));
          MemoryUnderTest memory = rack.memory(1);
          PageWriter writer = memory.pages().writer()) {
        new StreamMeasurement(writer, stream).run(PAIRS, rates);
      }
    }
    return StreamMeasurement.row("replication.stream", rates, "bare relay over two processes");
  }

  private static PairedSamples programs(BenchedRack rack, Workload workload) throws IOException {
    RackPrograms.Run first = workload.onRack(rack, Map.of());
    long pages = (long) first.number("pages_touched");
    String quarter = Long.toString(Math.max(MIN_CACHE_PAGES, pages / 4) * PAGE_BYTES);
    PairedSamples safe = new PairedSamples();
    for (int round = 0; round < ROUNDS; round++) {
      RackPrograms.Run alone = workload.onRack(rack, Map.of("cache", quarter));
      RackPrograms.Run twice = workload.onRack(rack, Map.of("cache", quarter, "ack", "safe"));
      workload.requireEqual(alone.outputChecksum(), twice.outputChecksum());
      safe.add(twice.number("wall_ms"), alone.number("wall_ms"));
    }
    return safe;
  }
}
