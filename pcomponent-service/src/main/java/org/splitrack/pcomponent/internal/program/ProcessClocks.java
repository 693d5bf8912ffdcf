package org.splitrack.pcomponent.internal.program;

import java.time.Instant;
import org.splitrack.pcomponent.internal.wasi.ProgramClocks;

/** The machine's clocks as a process sees them. */
final class ProcessClocks implements ProgramClocks {
  private final long startNs = System.nanoTime();
  private final CpuTimes cpu;

  ProcessClocks(CpuTimes cpu) {
    this.cpu = cpu;
  }

  @Override
  public long realtimeNs() {
    Instant now = Instant.now();
    return now.getEpochSecond() * 1_000_000_000L + now.getNano();
  }

  @Override
  public long monotonicNs() {
    return System.nanoTime() - startNs;
  }

  @Override
  public long processCpuNs() {
    return cpu.totalNs();
  }

  @Override
  public long threadCpuNs() {
    return CpuTimes.currentThreadNs();
  }
}
