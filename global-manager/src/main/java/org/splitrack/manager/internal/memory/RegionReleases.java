package org.splitrack.manager.internal.memory;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListMap;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.splitrack.fabric.BootId;
import org.splitrack.fabric.ComponentId;
import org.splitrack.fabric.RegionId;
import org.splitrack.fabric.control.ControlClient;
import org.splitrack.fabric.control.ControlFault;
import org.splitrack.fabric.control.MemoryCalls.ReleaseRegions;
import org.splitrack.manager.internal.authority.ConfigStore;
import org.splitrack.manager.internal.authority.RegionConfig;
import org.splitrack.manager.internal.membership.Member;
import org.splitrack.manager.internal.membership.MemberState;
import org.splitrack.manager.internal.membership.Membership;
import org.splitrack.manager.internal.report.RackReports;

/**
 * Gives regions back to their mComponents: at once if they answer, else again and again until they
 * do or have started anew. Until then the pages count as reserved. Safe from any thread.
 */
public final class RegionReleases {
  /** Regions in one call. */
  private static final int BATCH = 1_024;

  private static final Duration CALL_LIMIT = Duration.ofSeconds(1);
  private static final Logger LOG = LoggerFactory.getLogger(RegionReleases.class);

  private final ConfigStore store;
  private final Membership membership;
  private final MemoryLedger ledger;
  private final ControlClient control;
  private final RackReports reports;
  private final Map<ComponentId, Set<Pending>> pendingByHome = new ConcurrentSkipListMap<>();

  public RegionReleases(
      ConfigStore store,
      Membership membership,
      MemoryLedger ledger,
      ControlClient control,
      RackReports reports) {
    this.store = store;
    this.membership = membership;
    this.ledger = ledger;
    this.control = control;
    this.reports = reports;
  }

  /**
   * A region to be forgotten by its home.
   *
   * @param boot null: in whichever start the home is
   * @param config its row, removed when it is done; null when it has none
   */
  private record Pending(
      RegionId region, @Nullable BootId boot, int pages, @Nullable RegionConfig config) {}

  /** A region that was installed under a row. */
  public void add(RegionConfig config) {
    add(
        config.home(),
        new Pending(config.region(), config.homeBoot(), config.reservedPages(), config));
  }

  /** A region that may have been installed, but got no row; {@code pages} are counted for it. */
  public void add(ComponentId home, BootId boot, RegionId region, int pages) {
    add(home, new Pending(region, boot, pages, null));
  }

  /** A region of an earlier start of the manager, for which nothing is counted. */
  public void addOld(ComponentId home, RegionId region) {
    add(home, new Pending(region, null, 0, null));
  }

  private void add(ComponentId home, Pending pending) {
    Set<Pending> set = pendingByHome.computeIfAbsent(home, key -> new LinkedHashSet<>());
    synchronized (set) {
      set.add(pending);
    }
  }

  /** Homes that still hold something to be forgotten. */
  public List<ComponentId> homes() {
    return pendingByHome.entrySet().stream()
        .filter(entry -> !copy(entry.getValue()).isEmpty())
        .map(Map.Entry::getKey)
        .toList();
  }

  /**
   * Tries once to release all that one home holds; takes at most about a second if it is silent.
   */
  public void attempt(ComponentId home) {
    Set<Pending> set = pendingByHome.get(home);
    Optional<Member> member = membership.member(home);
    if (set == null || member.isEmpty()) {
      return;
    }
    Member host = member.get();
    List<Pending> toCall = new ArrayList<>();
    for (Pending pending : copy(set)) {
      boolean anotherStart = pending.boot() != null && !pending.boot().equals(host.boot());
      if (anotherStart || host.state() == MemberState.LEFT) {
        done(set, pending);
      } else {
        toCall.add(pending);
      }
    }
    if (host.state() == MemberState.DOWN) {
      return;
    }
    try {
      for (int from = 0; from < toCall.size(); from += BATCH) {
        List<Pending> batch = toCall.subList(from, Math.min(from + BATCH, toCall.size()));
        control.call(
            host.endpoint(),
            new ReleaseRegions(batch.stream().map(Pending::region).toList()),
            CALL_LIMIT);
        batch.forEach(pending -> done(set, pending));
      }
    } catch (ControlFault e) {
      LOG.debug("{} did not release {} regions: {}", home, toCall.size(), e.getMessage());
    }
  }

  private void done(Set<Pending> set, Pending pending) {
    boolean removed;
    synchronized (set) {
      removed = set.remove(pending);
    }
    if (!removed) {
      return;
    }
    if (pending.boot() != null) {
      ledger.release(pending.boot(), pending.pages());
    }
    if (pending.config() != null && store.removeRegion(pending.config())) {
      reports.region(pending.config(), true);
    }
  }

  private static List<Pending> copy(Set<Pending> set) {
    synchronized (set) {
      return List.copyOf(set);
    }
  }
}
