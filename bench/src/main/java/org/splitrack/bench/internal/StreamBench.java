package org.splitrack.bench.internal;

import java.io.IOException;
import java.util.List;
import org.splitrack.bench.BenchRow;
import org.splitrack.bench.PairedSamples;
import org.splitrack.fabric.memory.PageWriter;

/** Write-backs one after another, many in flight. */
final class StreamBench implements Benchmark {
  private static final int PAIRS = 31;

  @Override
  public String name() {
    return "stream";
  }

  @Override
  public List<BenchRow> measure(BenchedRack rack) throws IOException {
    try (BareProcesses bare = new BareProcesses();
        BareStream stream = BareStream.connect(bare.start(BareStream.class));
        MemoryUnderTest memory = rack.memory(0);
        PageWriter writer = memory.pages().writer()) {
      PairedSamples rates = new PairedSamples();
      new StreamMeasurement(writer, stream).run(PAIRS, rates);
      return List.of(
          StreamMeasurement.row("stream.write", rates, "bare socket, 64+4096 bytes to 64"));
    }
  }
}
