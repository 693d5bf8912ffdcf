package org.splitrack.manager.internal;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.splitrack.fabric.BootId;
import org.splitrack.fabric.ComponentId;
import org.splitrack.fabric.PageGeometry;
import org.splitrack.fabric.RegionId;
import org.splitrack.fabric.control.ControlFault;
import org.splitrack.fabric.control.ControlReply.Done;
import org.splitrack.fabric.control.ControlServer;
import org.splitrack.fabric.control.MemoryCalls.CaughtUp;
import org.splitrack.fabric.control.MemoryCalls.CopyStatus;
import org.splitrack.fabric.control.MemoryCalls.HandedOff;
import org.splitrack.fabric.control.MemoryCalls.InstallRegions;
import org.splitrack.fabric.control.MemoryCalls.ProbeRegions;
import org.splitrack.fabric.control.MemoryCalls.RegionRelease;
import org.splitrack.fabric.control.MemoryCalls.RegionsInstalled;
import org.splitrack.fabric.control.MemoryCalls.RegionsProbed;
import org.splitrack.fabric.control.MemoryCalls.ReleaseRegions;
import org.splitrack.fabric.control.MemoryCalls.ReserveRegion;
import org.splitrack.fabric.region.CopyRole;
import org.splitrack.fabric.region.InstallAnswer;
import org.splitrack.fabric.region.Learner;
import org.splitrack.fabric.region.RegionConfig;

/**
 * An mComponent without pages: it counts what it was told to hold, against what it can, takes
 * configurations in the order of their epochs, and has every copy made in no time.
 */
final class FakeMemory extends FakeComponent {
  private final Map<RegionId, Integer> reserved = new ConcurrentSkipListMap<>();
  private final Map<RegionId, RegionConfig> configs = new ConcurrentHashMap<>();
  private final long capacityPages;
  final AtomicInteger installs = new AtomicInteger();

  /** Pages that it has less than it says, as when someone else uses them. */
  volatile long hiddenPages;

  /** Refuses releases. */
  volatile boolean stubborn;

  /** Learners of its regions never catch up. */
  volatile boolean slow;

  FakeMemory(FakeRack rack, int ordinal, long capacityPages) throws IOException {
    this(rack, ordinal, BootId.random(), capacityPages);
  }

  FakeMemory(FakeRack rack, int ordinal, BootId boot, long capacityPages) throws IOException {
    super(
        rack,
        ComponentId.parse("mcomponent-" + ordinal),
        boot,
        capacityPages * PageGeometry.PAGE_BYTES);
    this.capacityPages = capacityPages;
    start();
  }

  @Override
  void registerHandlers(ControlServer server) {
    server.register(InstallRegions.class, (request, bytes, peer) -> install(request));
    server.register(ReserveRegion.class, (request, bytes, peer) -> reserve(request));
    server.register(ReleaseRegions.class, (request, bytes, peer) -> release(request));
    server.register(ProbeRegions.class, (request, bytes, peer) -> probe(request));
  }

  private void requireBoot(BootId named) {
    if (!named.equals(boot())) {
      throw new ControlFault(ControlFault.Code.NOT_FOUND, "this is boot " + boot());
    }
  }

  private synchronized RegionsInstalled install(InstallRegions request) {
    requireBoot(request.boot());
    installs.incrementAndGet();
    List<InstallAnswer> answers = new ArrayList<>();
    request.configs().forEach(config -> answers.add(install(config)));
    return new RegionsInstalled(answers, capacityPages - reservedPages());
  }

  private InstallAnswer install(RegionConfig config) {
    RegionConfig held = configs.get(config.region());
    CopyRole role = config.roleOf(boot());
    if (role == CopyRole.NONE) {
      return new InstallAnswer(InstallAnswer.Kind.NOT_A_MEMBER, held);
    }
    if (held != null && held.epoch() > config.epoch()) {
      return new InstallAnswer(InstallAnswer.Kind.STALE_EPOCH, held);
    }
    boolean mayBegin = config.epoch() == RegionConfig.FIRST_EPOCH || role == CopyRole.LEARNER;
    if (held == null && !mayBegin) {
      return new InstallAnswer(InstallAnswer.Kind.NOT_HELD, null);
    }
    if (!setAside(config.region(), config.reservedPages())) {
      return new InstallAnswer(InstallAnswer.Kind.FULL, held);
    }
    configs.put(config.region(), config);
    Learner learner = config.learner();
    if (role == CopyRole.HOME && learner != null && !slow) {
      Thread.ofVirtual().start(() -> copy(config, learner));
    }
    return new InstallAnswer(InstallAnswer.Kind.INSTALLED, config);
  }

  /** As if all pages had been sent; a migration's target takes over at once. */
  private void copy(RegionConfig config, Learner learner) {
    if (learner.purpose() == Learner.Purpose.SECONDARY) {
      tell(new CaughtUp(config.region(), config.epoch(), learner.place()));
    } else {
      configs.put(config.region(), config.successor());
      tell(new HandedOff(config.successor(), 8_192, 1, 800));
    }
  }

  private synchronized Done reserve(ReserveRegion request) {
    requireBoot(request.boot());
    if (!setAside(request.row().region(), request.row().reservedPages())) {
      throw new ControlFault(ControlFault.Code.FULL, component() + " is full");
    }
    return new Done();
  }

  private boolean setAside(RegionId region, int pages) {
    int before = reserved.getOrDefault(region, 0);
    int after = Math.max(before, pages);
    if (reservedPages() - before + after > capacityPages - hiddenPages) {
      return false;
    }
    reserved.put(region, after);
    return true;
  }

  private synchronized Done release(ReleaseRegions request) {
    requireBoot(request.boot());
    if (stubborn) {
      throw new ControlFault(ControlFault.Code.UNAVAILABLE, "not now");
    }
    for (RegionRelease release : request.regions()) {
      RegionConfig held = configs.get(release.region());
      if (held == null || held.epoch() <= release.upToEpoch()) {
        reserved.remove(release.region());
        configs.remove(release.region());
      }
    }
    return new Done();
  }

  private synchronized RegionsProbed probe(ProbeRegions request) {
    requireBoot(request.boot());
    List<CopyStatus> copies = new ArrayList<>();
    if (request.listing()) {
      for (RegionId region : reserved.keySet()) {
        RegionConfig held = configs.get(region);
        copies.add(new CopyStatus(region, held == null ? 1 : held.epoch()));
      }
    }
    return new RegionsProbed(copies);
  }

  long reservedPages() {
    return reserved.values().stream().mapToLong(Integer::longValue).sum();
  }

  @Nullable RegionConfig config(RegionId region) {
    return configs.get(region);
  }

  Map<RegionId, Integer> reserved() {
    return new ConcurrentHashMap<>(reserved);
  }
}
