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
 * Programs with every page cached, bounds checks and polls on, against the same modules on plain
 * memory; processor time, warm.
 */
final class ResidentBench implements Benchmark {
  private static final int ROUNDS = 5;

  /** The compilers of a pComponent share two cores with the rest of the rack. */
  private static final int WARM_UPS = 4;

  private static final double BOUND = 1.25;

  private final String name;
  private final List<Workload> workloads;

  private ResidentBench(String name, List<Workload> workloads) {
    this.name = name;
    this.workloads = workloads;
  }

  /** {@code resident}: the Phoenix workloads. */
  static ResidentBench ofPrograms() {
    return new ResidentBench("resident", Workload.PHOENIX);
  }

  /** {@code hit}: hardly anything but loads and stores. */
  static ResidentBench ofAccesses() {
    return new ResidentBench("hit", List.of(Workload.RANDOM_ACCESS));
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public List<BenchRow> measure(BenchedRack rack) throws IOException {
    List<BenchRow> rows = new ArrayList<>();
    Samples ratios = new Samples();
    for (Workload workload : workloads) {
      rack.progress().accept(name + ": " + workload.name());
      PairedSamples cpu = pairs(rack, workload);
      ratios.add(cpu.ratios().median());
      String row = name + "." + workload.name().substring(workload.name().indexOf('/') + 1);
      rows.add(BenchRow.paired(row, "ms", cpu, "plain memory", null, Better.LOWER));
    }
    rows.add(BenchRow.meanOfRatios(name + ".to_plain", ratios, BOUND));
    return rows;
  }

  private static PairedSamples pairs(BenchedRack rack, Workload workload) throws IOException {
    PairedSamples cpu = new PairedSamples();
    try (PlainRunner plain = workload.onPlainMemory(rack)) {
      for (int i = 0; i < WARM_UPS; i++) {
        plain.run();
        workload.onRack(rack, Map.of());
      }
      for (int round = 0; round < ROUNDS; round++) {
        RackPrograms.Run resident = workload.onRack(rack, Map.of());
        PlainRunner.Run bare = plain.run();
        workload.requireEqual(resident.outputChecksum(), bare.outputChecksum());
        cpu.add(resident.number("cpu_ms"), bare.cpuMs());
      }
    }
    return cpu;
  }
}
