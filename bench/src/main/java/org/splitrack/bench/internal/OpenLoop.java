package org.splitrack.bench.internal;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.splitrack.bench.BenchRow;
import org.splitrack.bench.BenchRow.Better;
import org.splitrack.bench.Samples;
import org.splitrack.fabric.ComponentId;

/**
 * A program on the rack that works by a clock of 1 ms, whatever happens to its memory, and that
 * finds a write that was lost.
 */
final class OpenLoop {
  private static final String PROGRAM = "testbed/openloop";
  private static final long READY_NS = 60_000_000_000L;
  private static final long POLL_MS = 50;

  private final BenchedRack rack;
  private final long process;

  private OpenLoop(BenchedRack rack, long process) {
    this.rack = rack;
    this.process = process;
  }

  /** One of its regions. */
  record Region(long number, ComponentId home, List<ComponentId> secondaries) {}

  /** Returns when it has written to all its pages and has begun to work by the clock. */
  static OpenLoop start(BenchedRack rack, String seconds, String bytes, Map<String, ?> settings)
      throws IOException, InterruptedException {
    long process = rack.programs().start(rack.example(PROGRAM), List.of(seconds, bytes), settings);
    long startNs = System.nanoTime();
    while (!rack.programs().written(process).startsWith("ready")) {
      if (System.nanoTime() - startNs > READY_NS) {
        throw new IllegalStateException("the load does not get ready");
      }
      Thread.sleep(POLL_MS);
    }
    return new OpenLoop(rack, process);
  }

  /** Its regions as the tables show them, which show all that has happened before. */
  List<Region> regions() {
    List<Region> regions = new ArrayList<>();
    for (List<@Nullable Object> row :
        rack.query(
            "SELECT region, home, array_to_string(secondaries, ' ') FROM api.regions"
                + " WHERE process = ? ORDER BY region",
            process)) {
      String secondaries = String.valueOf(row.get(2));
      regions.add(
          new Region(
              Long.parseLong(String.valueOf(row.get(0))),
              ComponentId.parse(String.valueOf(row.get(1))),
              secondaries.isEmpty()
                  ? List.of()
                  : Arrays.stream(secondaries.split(" ", -1)).map(ComponentId::parse).toList()));
    }
    return regions;
  }

  /** The pComponent that runs it. */
  ComponentId processor() {
    return ComponentId.parse(
        String.valueOf(
            rack.query("SELECT component FROM api.processes WHERE process = ?", process)
                .getFirst()
                .getFirst()));
  }

  /** It is not needed any more. */
  void stop() {
    rack.programs().stop(process);
  }

  /** Waits for its end. */
  RackPrograms.Run end() {
    return rack.programs().awaitResult(process);
  }

  /** Waits for its end; whether memory that it needed was lost. */
  boolean endsLost() {
    return rack.programs().figures(process).path("state").asString("").equals("lost");
  }

  /** Pages that did not hold what was written to them: none may be. */
  static BenchRow wrong(String name, List<RackPrograms.Run> runs) {
    return BenchRow.percentile(name, "pages", printed(runs, "wrong"), 1, 0.0, Better.LOWER);
  }

  /** The longest time between the ends of two turns that follow each other. */
  static BenchRow longestGap(String name, List<RackPrograms.Run> runs, @Nullable Double boundMs) {
    Samples gaps = new Samples();
    runs.forEach(run -> gaps.add(run.printed("longest_gap_us") / 1_000));
    return BenchRow.percentile(name, "ms", gaps, 1, boundMs, Better.LOWER);
  }

  private static Samples printed(List<RackPrograms.Run> runs, String word) {
    Samples samples = new Samples();
    runs.forEach(run -> samples.add(run.printed(word)));
    return samples;
  }
}
