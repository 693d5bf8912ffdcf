package org.splitrack.bench.internal;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.splitrack.bench.BenchRow;
import org.splitrack.fabric.memory.PageFetcher;
import org.splitrack.jobs.internal.pages.BareExchange;

/**
 * A 4 KiB miss with one outstanding, and what it allocates at both ends: first the exchange alone,
 * with an mComponent's process, then misses of a program in a pComponent's.
 */
final class MissBench implements Benchmark {
  private static final int PAIRS = 31;
  private static final int BATCH_MISSES = 5_000;

  @Override
  public String name() {
    return "miss";
  }

  @Override
  public List<BenchRow> measure(BenchedRack rack) throws IOException, InterruptedException {
    ProgramMisses program = new ProgramMisses(rack);
    List<BenchRow> rows = new ArrayList<>();
    try (BareProcesses bare = new BareProcesses();
        BareExchange exchange = BareExchange.connect(bare.start(BareExchange.class))) {
      try (MemoryUnderTest memory = rack.memory(0);
          PageFetcher fetcher = memory.pages().fetcher()) {
        rows.addAll(
            new MissMeasurement(fetcher, exchange, memory::agentAllocatedBytes, PAIRS, BATCH_MISSES)
                .run());
      }
      rows.addAll(program.latency(exchange));
    }
    rows.add(program.allocation());
    return rows;
  }
}
