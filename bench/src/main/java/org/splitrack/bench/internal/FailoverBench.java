package org.splitrack.bench.internal;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.splitrack.bench.BenchRow;
import org.splitrack.bench.BenchRow.Better;
import org.splitrack.bench.Samples;
import org.splitrack.fabric.ComponentId;

/**
 * The mComponent that is home of most of a program's memory is killed, or frozen, while the program
 * works by a clock of 1 ms: the longest time that it got nothing done, and what it found lost. Some
 * runs meet no fault, for comparison; nothing may fail over in them. One has no second copy, and is
 * to be lost: that the others lose nothing says something only then.
 */
final class FailoverBench implements Benchmark {
  private static final int CALM_RUNS = 2;
  private static final int KILLS = 4;
  private static final int PAUSES = 3;

  /** Of each kind, since a pod takes its time to be there again. */
  private static final int CLUSTER_FAULTS = 2;

  /**
   * After this long no fault is repeated on a cluster, so that two minutes are enough there, too.
   */
  private static final long LAST_REPETITION_NS = 80_000_000_000L;

  private static final int CLUSTER_CALM_RUNS = 1;
  private static final double KILL_BOUND_MS = 1_500;
  private static final double PAUSE_BOUND_MS = 3_000;
  private static final double DELETE_BOUND_MS = 3_000;
  private static final String SECONDS = "6";
  private static final String SIZE = Long.toString(32L << 20);
  private static final String CACHE = Long.toString(8L << 20);
  private static final long BEFORE_FAULT_MS = 1_500;

  @Override
  public String name() {
    return "failover";
  }

  /** Does something to a component, and what makes it a part of the rack again afterwards. */
  private record Fault(String name, int runs, FaultAction hit, FaultAction mend, double boundMs) {}

  private interface FaultAction {
    void on(BenchedRack rack, ComponentId component);
  }

  @Override
  public Set<Site> sites() {
    return Set.of(Site.MACHINE, Site.CLUSTER);
  }

  private static List<Fault> faultsOf(BenchedRack rack) {
    Fault pause =
        new Fault(
            "pause",
            rack.isOnCluster() ? CLUSTER_FAULTS : PAUSES,
            (one, id) -> one.faults().pause(id),
            (one, id) -> one.faults().resume(id),
            PAUSE_BOUND_MS);
    if (!rack.isOnCluster()) {
      return List.of(
          new Fault(
              "kill",
              KILLS,
              (one, id) -> one.faults().kill(id),
              (one, id) -> one.faults().start(id),
              KILL_BOUND_MS),
          pause);
    }
    // Kubernetes makes up for it by itself.
    FaultAction nothing = (one, id) -> {};
    return List.of(
        new Fault(
            "kill", CLUSTER_FAULTS, (one, id) -> one.faults().kill(id), nothing, KILL_BOUND_MS),
        new Fault(
            "delete",
            CLUSTER_FAULTS,
            (one, id) -> one.kube().deleteByForce(id),
            nothing,
            DELETE_BOUND_MS),
        pause);
  }

  @Override
  public List<BenchRow> measure(BenchedRack rack) throws IOException, InterruptedException {
    long startNs = System.nanoTime();
    List<BenchRow> rows = new ArrayList<>();
    List<RackPrograms.Run> calm = new ArrayList<>();
    RackFailovers failovers = new RackFailovers(rack);
    long before = failovers.count();
    int calmRuns = rack.isOnCluster() ? CLUSTER_CALM_RUNS : CALM_RUNS;
    for (int i = 0; i < calmRuns; i++) {
      rack.progress().accept("failover: without a fault, " + (i + 1) + " of " + calmRuns);
      calm.add(load(rack).end());
    }
    Samples failedOver = Samples.of((double) (failovers.count() - before));
    rows.add(OpenLoop.longestGap("failover.calm.longest_gap", calm, null));
    rows.add(BenchRow.percentile("failover.calm.false", "count", failedOver, 1, 0.0, Better.LOWER));
    rack.progress().accept("failover: without a second copy");
    rows.add(
        BenchRow.absolute(
            "failover.one_copy.lost",
            "programs",
            Samples.of(isLostWithOneCopy(rack) ? 1.0 : 0.0),
            1.0,
            Better.HIGHER));
    Map<Fault, List<RackPrograms.Run>> runs = faulted(rack, startNs);
    runs.forEach(
        (fault, ofIt) -> {
          String row = "failover." + fault.name();
          rows.add(OpenLoop.longestGap(row + ".longest_gap", ofIt, fault.boundMs()));
          rows.add(OpenLoop.wrong(row + ".lost", ofIt));
        });
    return rows;
  }

  /** All kinds in turn; on a cluster each once, and then as often as there is time for. */
  private static Map<Fault, List<RackPrograms.Run>> faulted(BenchedRack rack, long startNs)
      throws IOException, InterruptedException {
    Map<Fault, List<RackPrograms.Run>> runs = new LinkedHashMap<>();
    List<Fault> faults = faultsOf(rack);
    for (int round = 0; round < KILLS; round++) {
      for (Fault fault : faults) {
        List<RackPrograms.Run> ofIt = runs.computeIfAbsent(fault, one -> new ArrayList<>());
        boolean late =
            rack.isOnCluster() && round > 0 && System.nanoTime() - startNs > LAST_REPETITION_NS;
        if (round < fault.runs() && !late) {
          rack.progress()
              .accept("failover: %s, %d of %d".formatted(fault.name(), round + 1, fault.runs()));
          ofIt.add(faulted(rack, fault));
        }
      }
    }
    return runs;
  }

  private static OpenLoop load(BenchedRack rack) throws IOException, InterruptedException {
    return load(rack, "safe");
  }

  private static OpenLoop load(BenchedRack rack, String ack)
      throws IOException, InterruptedException {
    return OpenLoop.start(rack, SECONDS, SIZE, Map.of("ack", ack, "cache", CACHE));
  }

  private static boolean isLostWithOneCopy(BenchedRack rack)
      throws IOException, InterruptedException {
    Fault kill = faultsOf(rack).getFirst();
    OpenLoop load = load(rack, "none");
    Thread.sleep(BEFORE_FAULT_MS);
    ComponentId home = mostlyHome(load.regions());
    kill.hit().on(rack, home);
    boolean lost = load.endsLost();
    kill.mend().on(rack, home);
    return lost;
  }

  private static RackPrograms.Run faulted(BenchedRack rack, Fault fault)
      throws IOException, InterruptedException {
    RackFailovers failovers = new RackFailovers(rack);
    failovers.awaitMemories();
    OpenLoop load = load(rack);
    Thread.sleep(BEFORE_FAULT_MS);
    ComponentId home = mostlyHome(load.regions());
    long before = failovers.count();
    fault.hit().on(rack, home);
    RackPrograms.Run run = load.end();
    if (failovers.count() == before) {
      throw new IllegalStateException("nothing failed over from " + home);
    }
    fault.mend().on(rack, home);
    return run;
  }

  private static ComponentId mostlyHome(List<OpenLoop.Region> regions) {
    return regions.stream()
        .collect(Collectors.groupingBy(OpenLoop.Region::home, Collectors.counting()))
        .entrySet()
        .stream()
        .max(Map.Entry.comparingByValue())
        .orElseThrow(() -> new IllegalStateException("the load has no regions"))
        .getKey();
  }
}
