package org.splitrack.bench.internal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.splitrack.bench.BenchRow;
import org.splitrack.bench.BenchRow.Better;
import org.splitrack.bench.PairedSamples;
import org.splitrack.bench.Samples;
import org.splitrack.cli.internal.manager.ManagerClient;
import org.splitrack.fabric.ComponentId;
import org.splitrack.fabric.PageGeometry;
import org.splitrack.fabric.Role;
import tools.jackson.databind.JsonNode;

/**
 * All regions of a program that goes on reading and writing move to the one mComponent that has no
 * copy of them, again and again, against a bare stream of as many bytes from the memory of one
 * process into that of another beside the same program: the rate, the pause that each region's
 * writes had, and whether the program noticed anything.
 */
final class MigrationBench implements Benchmark {
  private static final int WARM_UP = 16;
  private static final int ROUNDS = 9;
  private static final int LEAST_REGIONS = 16;
  private static final double STREAM_BOUND = 0.5;
  private static final double PAUSE_BOUND_MS = 10;
  private static final double P99 = 0.99;
  private static final long POLL_MS = 20;

  /** Between two looks at how far the moves are, which take time from them. */
  private static final long LOOK_MS = 500;

  private static final long PATIENCE_NS = 30_000_000_000L;

  /** Long enough for all rounds. */
  private static final String SECONDS = "80";

  /** Of the program, and of the memory that the bare stream reads and that it writes. */
  private static final int PAGES = (256 << 20) / PageGeometry.PAGE_BYTES;

  private static final String SIZE = Long.toString((long) PAGES * PageGeometry.PAGE_BYTES);
  private static final String CACHE = Long.toString(64L << 20);

  @Override
  public String name() {
    return "migration";
  }

  @Override
  public List<BenchRow> measure(BenchedRack rack) throws IOException, InterruptedException {
    OpenLoop load = OpenLoop.start(rack, SECONDS, SIZE, Map.of("ack", "safe", "cache", CACHE));
    PairedSamples rates = new PairedSamples();
    Samples pauses = new Samples();
    Samples failed = new Samples();
    try (BareProcesses bare = new BareProcesses();
        BareStream stream =
            BareStream.connect(bare.start(BareStream.class, Integer.toString(PAGES)))) {
      ByteBuffer source = ByteBuffer.allocateDirect(PAGES * PageGeometry.PAGE_BYTES);
      for (int round = 0; round < WARM_UP + ROUNDS; round++) {
        rack.progress().accept("migration: round " + (round + 1) + " of " + (WARM_UP + ROUNDS));
        List<OpenLoop.Region> regions = load.regions();
        if (regions.size() < LEAST_REGIONS) {
          throw new IllegalStateException("only " + regions.size() + " regions to move");
        }
        Instant asked = Instant.now();
        List<JsonNode> moves = moveAll(rack.manager(), regions);
        double moveS = Duration.between(asked, lastEnd(moves)).toNanos() / 1e9;
        long bytes = 0;
        for (JsonNode move : moves) {
          bytes += move.path("bytes").asLong();
          pauses.add(move.path("write_pause_ms").asDouble());
          failed.add(move.path("state").asString().equals("done") ? 0 : 1);
        }
        long startNs = System.nanoTime();
        stream.send(source, (int) (bytes / PageGeometry.PAGE_BYTES));
        double streamS = (System.nanoTime() - startNs) / 1e9;
        if (round >= WARM_UP) {
          rates.add(bytes / moveS / (1 << 20), bytes / streamS / (1 << 20));
        }
      }
    }
    RackPrograms.Run run = load.end();
    List<BenchRow> rows = new ArrayList<>();
    rows.add(
        BenchRow.paired(
            "migration.rate",
            "MiB/s",
            rates,
            "a bare stream under the same load",
            STREAM_BOUND,
            Better.HIGHER));
    rows.add(
        BenchRow.percentile(
            "migration.write_pause.p99", "ms", pauses, P99, PAUSE_BOUND_MS, Better.LOWER));
    rows.add(BenchRow.percentile("migration.failed", "count", failed, 1, 0.0, Better.LOWER));
    rows.add(OpenLoop.wrong("migration.operations_failed", List.of(run)));
    rows.add(OpenLoop.longestGap("migration.longest_gap", List.of(run), null));
    return rows;
  }

  /** Asks for all of them at once, each to where none of its copies is, and waits for the last. */
  private static List<JsonNode> moveAll(ManagerClient manager, List<OpenLoop.Region> regions)
      throws InterruptedException {
    Map<Long, ComponentId> wanted = new LinkedHashMap<>();
    regions.forEach(region -> wanted.put(region.number(), free(region)));
    Set<Long> asked = Set.copyOf(ask(manager, wanted));
    long startNs = System.nanoTime();
    while (true) {
      Thread.sleep(LOOK_MS);
      List<JsonNode> ended = new ArrayList<>();
      for (JsonNode move : manager.migrations()) {
        if (asked.contains(move.path("migration").asLong()) && move.hasNonNull("ended_at")) {
          ended.add(move);
        }
      }
      if (ended.size() == asked.size()) {
        return ended;
      }
      if (System.nanoTime() - startNs > PATIENCE_NS) {
        throw new IllegalStateException(
            "only " + ended.size() + " of " + asked.size() + " migrations end");
      }
    }
  }

  /** When the last of them was over, by this machine's clock. */
  private static Instant lastEnd(List<JsonNode> moves) {
    return moves.stream()
        .map(move -> Instant.parse(move.path("ended_at").asString()))
        .max(Comparator.naturalOrder())
        .orElseThrow();
  }

  /** Again while a target is suspect, which a component may be for a moment under full load. */
  private static List<Long> ask(ManagerClient manager, Map<Long, ComponentId> wanted)
      throws InterruptedException {
    List<Long> begun = new ArrayList<>();
    Map<Long, ComponentId> left = new LinkedHashMap<>(wanted);
    long startNs = System.nanoTime();
    while (true) {
      String refusal = "";
      for (JsonNode move : manager.migrateAll(left)) {
        if (move.path("migration").isNumber()) {
          begun.add(move.path("migration").asLong());
          left.remove(move.path("region").asLong());
        } else {
          refusal = move.path("error").asString();
        }
      }
      if (left.isEmpty()) {
        return begun;
      }
      if (System.nanoTime() - startNs > PATIENCE_NS) {
        throw new IllegalStateException("regions do not move: " + refusal);
      }
      Thread.sleep(POLL_MS);
    }
  }

  private static ComponentId free(OpenLoop.Region region) {
    for (int number = 0; number < BenchedRack.MEMORIES; number++) {
      ComponentId candidate = new ComponentId(Role.MCOMPONENT, number);
      if (!region.home().equals(candidate) && !region.secondaries().contains(candidate)) {
        return candidate;
      }
    }
    throw new IllegalStateException("region " + region.number() + " is everywhere");
  }
}
