package org.splitrack.pcomponent.internal.program;

import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.splitrack.fabric.Endpoint;
import org.splitrack.fabric.ProcessId;
import org.splitrack.fabric.control.ControlClient;
import org.splitrack.fabric.control.ControlFault;
import org.splitrack.fabric.control.MemoryCalls.GrowMemory;
import org.splitrack.fabric.control.MemoryCalls.Grown;
import org.splitrack.fabric.memory.RegionTable;
import org.splitrack.pcomponent.internal.excache.Growth;
import org.splitrack.pcomponent.internal.excache.MemoryRefused;
import org.splitrack.pcomponent.internal.wasi.HostCall;

/**
 * Reserves a process's memory through the manager, and notes the regions granted. While the manager
 * is away it waits, at most {@link #AWAY_LIMIT}; then the process ends: it cannot be told apart
 * from a full rack by the program, which would go on without memory that it may well get.
 */
public final class RackGrowth implements Growth {
  static final Duration AWAY_LIMIT = Duration.ofSeconds(60);

  private static final Logger LOG = LoggerFactory.getLogger(RackGrowth.class);
  private static final Duration CALL_TIMEOUT = Duration.ofSeconds(5);
  private static final long PAUSE_MS = 100;

  private final ControlClient client;
  private final Endpoint manager;
  private final ProcessId process;
  private final int incarnation;
  private final RegionTable regions;
  private final Duration awayLimit;

  public RackGrowth(
      ControlClient client,
      Endpoint manager,
      ProcessId process,
      int incarnation,
      RegionTable regions) {
    this(client, manager, process, incarnation, regions, AWAY_LIMIT);
  }

  RackGrowth(
      ControlClient client,
      Endpoint manager,
      ProcessId process,
      int incarnation,
      RegionTable regions,
      Duration awayLimit) {
    this.client = client;
    this.manager = manager;
    this.process = process;
    this.incarnation = incarnation;
    this.regions = regions;
    this.awayLimit = awayLimit;
  }

  @Override
  public boolean grow(int fromPage, int toPageExclusive) {
    GrowMemory request = new GrowMemory(process, incarnation, fromPage, toPageExclusive);
    return ProgramThread.passIfProgram(HostCall.MEMORY_GROW, () -> reserve(request) ? 1 : 0);
  }

  private boolean reserve(GrowMemory request) {
    long startNs = System.nanoTime();
    while (true) {
      try {
        Grown grown = client.call(manager, request, CALL_TIMEOUT);
        grown.grants().forEach(regions::put);
        return true;
      } catch (ControlFault fault) {
        boolean mayComeBack =
            fault.code() == ControlFault.Code.UNREACHABLE
                || fault.code() == ControlFault.Code.UNAVAILABLE;
        if (mayComeBack && System.nanoTime() - startNs > awayLimit.toNanos()) {
          throw new MemoryRefused(
              "memory could not be reserved for "
                  + awayLimit.toMillis()
                  + " ms: "
                  + fault.getMessage());
        }
        if (!mayComeBack || !pause()) {
          LOG.info("process {}: memory is refused: {}", process, fault.getMessage());
          return false;
        }
      }
    }
  }

  /** False when the process is being stopped. */
  private static boolean pause() {
    try {
      Thread.sleep(PAUSE_MS);
      return true;
    } catch (InterruptedException _) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
