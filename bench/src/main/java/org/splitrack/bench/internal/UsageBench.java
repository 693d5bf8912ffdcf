package org.splitrack.bench.internal;

import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.splitrack.bench.BenchRow;
import org.splitrack.bench.BenchRow.Better;
import org.splitrack.bench.Samples;
import org.splitrack.cli.internal.kube.PodUsage;
import org.splitrack.fabric.ComponentId;
import org.splitrack.fabric.Role;

/**
 * What a release uses while it runs no program, as the kubelets count: cores of all its pods
 * together, and the working set of each role's largest pod without the pages that it stores: those
 * that regions have set aside, or the frames of a cache that are in use. Pages that programs have
 * used before and given back count, for a component keeps them: a figure is too high rather than
 * too low, and that of a new release is meant.
 */
final class UsageBench implements Benchmark {
  private static final double CORES_BOUND = 0.3;
  private static final double MEMORY_BOUND_MIB = 256;

  /** A kubelet looks every ten seconds or so. */
  private static final Duration WINDOW = Duration.ofSeconds(60);

  private static final Duration SETTLING = Duration.ofSeconds(20);
  private static final double NS_PER_S = 1e9;
  private static final int BYTES_PER_MIB = 1 << 20;

  @Override
  public String name() {
    return "usage";
  }

  @Override
  public Set<Site> sites() {
    return Set.of(Site.CLUSTER);
  }

  @Override
  public List<BenchRow> measure(BenchedRack rack) throws InterruptedException {
    if (!rack.query("SELECT 1 FROM api.processes WHERE state = 'running'").isEmpty()) {
      throw new IllegalStateException("programs run on the rack");
    }
    rack.progress().accept("usage: a minute of doing nothing");
    Thread.sleep(SETTLING);
    Map<ComponentId, PodUsage> before = new HashMap<>();
    rack.kube().usage().forEach(usage -> before.put(usage.component(), usage));
    Thread.sleep(WINDOW);
    double cores = 0;
    Map<Role, Samples> memory = new EnumMap<>(Role.class);
    List<PodUsage> after = rack.kube().usage();
    if (after.size() != before.size()) {
      throw new IllegalStateException(
          "%d pods before, %d after".formatted(before.size(), after.size()));
    }
    for (PodUsage usage : after) {
      cores += cores(before.get(usage.component()), usage);
      memory
          .computeIfAbsent(usage.component().role(), role -> new Samples())
          .add(
              (double) (usage.workingSetBytes() - storedBytes(rack, usage.component()))
                  / BYTES_PER_MIB);
    }
    List<BenchRow> rows = new ArrayList<>();
    rows.add(
        BenchRow.absolute("usage.idle_cpu", "cores", Samples.of(cores), CORES_BOUND, Better.LOWER));
    memory.forEach(
        (role, samples) ->
            rows.add(
                BenchRow.percentile(
                    "usage.memory." + role.prefix(),
                    "MiB",
                    samples,
                    1,
                    MEMORY_BOUND_MIB,
                    Better.LOWER)));
    return rows;
  }

  private static double cores(@Nullable PodUsage before, PodUsage now) {
    if (before == null || !now.cpuAt().isAfter(before.cpuAt())) {
      throw new IllegalStateException("no two figures of " + now.component());
    }
    double seconds = Duration.between(before.cpuAt(), now.cpuAt()).toNanos() / NS_PER_S;
    return (now.cpuNs() - before.cpuNs()) / NS_PER_S / seconds;
  }

  private static long storedBytes(BenchedRack rack, ComponentId component) {
    if (component.role() != Role.PCOMPONENT && component.role() != Role.MCOMPONENT) {
      return 0;
    }
    return Long.parseLong(
        String.valueOf(
            rack.query(
                    "SELECT used_bytes FROM api.components WHERE component = '" + component + "'")
                .getFirst()
                .getFirst()));
  }
}
