package org.splitrack.manager.internal;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.splitrack.fabric.BootId;
import org.splitrack.fabric.ComponentId;
import org.splitrack.fabric.PageGeometry;
import org.splitrack.fabric.RegionId;
import org.splitrack.fabric.control.ControlFault;
import org.splitrack.fabric.control.ControlReply.Done;
import org.splitrack.fabric.control.ControlServer;
import org.splitrack.fabric.control.MemoryCalls.InstallRegion;
import org.splitrack.fabric.control.MemoryCalls.Installed;
import org.splitrack.fabric.control.MemoryCalls.ReleaseRegions;

/** An mComponent that only counts: what it was told to hold, against what it can. */
final class FakeMemory extends FakeComponent {
  private final Map<RegionId, Integer> reserved = new ConcurrentSkipListMap<>();
  private final long capacityPages;
  final AtomicInteger installs = new AtomicInteger();

  /** Pages that it has less than it says, as when someone else uses them. */
  volatile long hiddenPages;

  /** Refuses releases. */
  volatile boolean stubborn;

  FakeMemory(FakeRack rack, int ordinal, long capacityPages) throws IOException {
    super(
        rack,
        ComponentId.parse("mcomponent-" + ordinal),
        BootId.random(),
        capacityPages * PageGeometry.PAGE_BYTES);
    this.capacityPages = capacityPages;
    start();
  }

  @Override
  void registerHandlers(ControlServer server) {
    server.register(InstallRegion.class, (request, bytes, peer) -> install(request));
    server.register(ReleaseRegions.class, (request, bytes, peer) -> release(request.regions()));
  }

  private synchronized Installed install(InstallRegion request) {
    installs.incrementAndGet();
    int before = reserved.getOrDefault(request.region(), 0);
    int after = Math.max(before, request.reservedPages());
    if (reservedPages() - before + after > capacityPages - hiddenPages) {
      throw new ControlFault(ControlFault.Code.FULL, component() + " is full");
    }
    reserved.put(request.region(), after);
    return new Installed(capacityPages - reservedPages());
  }

  private synchronized Done release(List<RegionId> regions) {
    if (stubborn) {
      throw new ControlFault(ControlFault.Code.UNAVAILABLE, "not now");
    }
    regions.forEach(reserved::remove);
    return new Done();
  }

  long reservedPages() {
    return reserved.values().stream().mapToLong(Integer::longValue).sum();
  }

  Map<RegionId, Integer> reserved() {
    return new ConcurrentHashMap<>(reserved);
  }
}
