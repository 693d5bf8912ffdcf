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

/** What this machine's disk costs: one fsync of a 4 KiB append. Beside every figure, for scale. */
final class CalibrationBench implements Benchmark {
  private static final int FSYNCS = 200;

  @Override
  public String name() {
    return "calibration";
  }

  @Override
  public List<BenchRow> measure(BenchedRack rack) throws IOException {
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
    return List.of(BenchRow.absolute("calibration.fsync.p50", "us", us, null, Better.LOWER));
  }
}
