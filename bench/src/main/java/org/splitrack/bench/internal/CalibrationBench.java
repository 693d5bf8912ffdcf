package org.splitrack.bench.internal;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.splitrack.bench.BenchRow;
import org.splitrack.bench.BenchRow.Better;
import org.splitrack.bench.Samples;
import org.splitrack.jobs.internal.pages.BareExchange;

/**
 * What this machine costs: one fsync of a 4 KiB append, one bare socket exchange of a miss's bytes.
 * Beside every figure, for scale.
 */
final class CalibrationBench implements Benchmark {
  private static final int FSYNCS = 200;
  private static final int WARM_UP_EXCHANGES = 60_000;
  private static final int EXCHANGES = 20_000;

  @Override
  public String name() {
    return "calibration";
  }

  @Override
  public List<BenchRow> measure(BenchedRack rack) throws IOException {
    return List.of(
        BenchRow.absolute("calibration.fsync.p50", "us", fsyncs(), null, Better.LOWER),
        BenchRow.absolute("calibration.socket.p50", "us", exchanges(), null, Better.LOWER));
  }

  private static Samples fsyncs() throws IOException {
    Path file = Files.createTempFile("splitrack-fsync-", ".bin");
    Samples us = new Samples();
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      ByteBuffer block = ByteBuffer.allocateDirect(4096);
      for (int i = 0; i < FSYNCS; i++) {
        channel.write(block.clear());
        long startNs = System.nanoTime();
        channel.force(true);
        us.add((System.nanoTime() - startNs) / 1e3);
      }
    } finally {
      Files.delete(file);
    }
    return us;
  }

  private static Samples exchanges() throws IOException {
    Samples us = new Samples();
    try (BareProcesses bare = new BareProcesses();
        BareExchange exchange = BareExchange.connect(bare.start(BareExchange.class))) {
      for (int i = 0; i < WARM_UP_EXCHANGES; i++) {
        exchange.fetch(i & 4095);
      }
      for (int i = 0; i < EXCHANGES; i++) {
        long startNs = System.nanoTime();
        exchange.fetch(i & 4095);
        us.add((System.nanoTime() - startNs) / 1e3);
      }
    }
    return us;
  }
}
