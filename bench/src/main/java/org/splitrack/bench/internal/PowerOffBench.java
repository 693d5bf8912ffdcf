package org.splitrack.bench.internal;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import org.splitrack.bench.BenchRow;
import org.splitrack.fabric.ComponentId;

/**
 * The node of the mComponent that is home of a program's memory loses its power, while the program
 * works by a clock of 1 ms on another: the longest time that it got nothing done, and what it found
 * lost. The node has power again afterwards, and all components run.
 */
final class PowerOffBench implements Benchmark {
  private static final double BOUND_MS = 5_000;
  private static final String SECONDS = "20";
  private static final String SIZE = Long.toString(32L << 20);
  private static final Map<String, String> SETTINGS =
      Map.of("ack", "safe", "cache", Long.toString(8L << 20));
  private static final Duration MOVE_LIMIT = Duration.ofSeconds(15);
  private static final Duration RETURN_LIMIT = Duration.ofSeconds(75);
  private static final long BEFORE_FAULT_MS = 1_000;
  private static final long POLL_MS = 200;

  @Override
  public String name() {
    return "power-off";
  }

  @Override
  public Set<Site> sites() {
    return Set.of(Site.CLUSTER);
  }

  @Override
  public Optional<String> lacks(BenchedRack rack) {
    if (NodePower.ofEnvironment().isEmpty()) {
      return Optional.of(
          "%s names no command that powers nodes off and on (COMMAND kill N, COMMAND boot N)"
              .formatted(NodePower.VARIABLE));
    }
    return SparedNode.among(rack.kube().nodes()).isPresent()
        ? Optional.empty()
        : Optional.of(
            "it needs a node with one mComponent and without the manager and PostgreSQL, and a"
                + " pComponent on another");
  }

  @Override
  public List<BenchRow> measure(BenchedRack rack) throws IOException, InterruptedException {
    NodePower power = NodePower.ofEnvironment().orElseThrow();
    SparedNode node = SparedNode.among(rack.kube().nodes()).orElseThrow();
    RackFailovers failovers = new RackFailovers(rack);
    failovers.awaitMemories();
    rack.progress().accept("power-off: all memory of a program to " + node.memory());
    OpenLoop load = loadElsewhere(rack, node);
    gather(rack, load, node);
    Thread.sleep(BEFORE_FAULT_MS);
    long before = failovers.count();
    RackPrograms.Run run;
    try (Undo _ = new Undo("boot-node", () -> on(power, node.name()))) {
      rack.progress().accept("power-off: " + node.name());
      power.off(node.name());
      run = load.end();
    }
    rack.progress().accept("power-off: waiting for " + node.name());
    await(
        RETURN_LIMIT, node.name() + " does not come back", () -> rack.kube().isReady(node.name()));
    failovers.awaitAll();
    failovers.awaitMoreThan(before);
    return List.of(
        OpenLoop.longestGap("power_off.longest_gap", List.of(run), BOUND_MS),
        OpenLoop.wrong("power_off.lost", List.of(run)));
  }

  /** A program that does not run on the node itself; others that came to be there are stopped. */
  private static OpenLoop loadElsewhere(BenchedRack rack, SparedNode node)
      throws IOException, InterruptedException {
    List<OpenLoop> there = new ArrayList<>();
    try {
      for (int attempt = 0; attempt < rack.kube().nodes().size(); attempt++) {
        OpenLoop load = OpenLoop.start(rack, SECONDS, SIZE, SETTINGS);
        if (!node.name().equals(rack.kube().nodes().get(load.processor()))) {
          return load;
        }
        there.add(load);
      }
      throw new IllegalStateException("all programs start on " + node.name());
    } finally {
      there.forEach(OpenLoop::stop);
    }
  }

  /** All of its memory is at home there, with a copy elsewhere. */
  private static void gather(BenchedRack rack, OpenLoop load, SparedNode node)
      throws InterruptedException {
    Map<Long, ComponentId> moves = new HashMap<>();
    for (OpenLoop.Region region : load.regions()) {
      if (!region.home().equals(node.memory())) {
        moves.put(region.number(), node.memory());
      }
    }
    if (!moves.isEmpty()) {
      rack.manager().migrateAll(moves);
    }
    await(
        MOVE_LIMIT,
        "the program's memory does not come to " + node.memory(),
        () ->
            load.regions().stream().allMatch(region -> region.home().equals(node.memory()))
                && rack.manager().protection().holds());
  }

  private static void on(NodePower power, String node) {
    try {
      power.on(node);
    } catch (IOException e) {
      throw new IllegalStateException("the node " + node + " is still off: " + e.getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("the node " + node + " is still off", e);
    }
  }

  private static void await(Duration limit, String failure, BooleanSupplier done)
      throws InterruptedException {
    long startNs = System.nanoTime();
    while (!done.getAsBoolean()) {
      if (System.nanoTime() - startNs > limit.toNanos()) {
        throw new IllegalStateException(failure);
      }
      Thread.sleep(POLL_MS);
    }
  }
}
