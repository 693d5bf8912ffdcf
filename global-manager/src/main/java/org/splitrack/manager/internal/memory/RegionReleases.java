package org.splitrack.manager.internal.memory;

import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.splitrack.fabric.ComponentId;
import org.splitrack.fabric.control.ControlClient;
import org.splitrack.fabric.control.ControlFault;
import org.splitrack.fabric.control.MemoryCalls;
import org.splitrack.fabric.control.MemoryCalls.RegionRelease;
import org.splitrack.fabric.control.MemoryCalls.ReleaseRegions;
import org.splitrack.fabric.region.CopyPlace;
import org.splitrack.fabric.region.RegionConfig;
import org.splitrack.manager.internal.authority.ConfigStore;
import org.splitrack.manager.internal.membership.Member;
import org.splitrack.manager.internal.membership.MemberState;
import org.splitrack.manager.internal.membership.Membership;

/**
 * Gives copies back to their mComponents: at once if they answer, else again and again until they
 * do or have started anew. Until then the pages count as reserved. What is forgotten here by a kill
 * of the manager is found when the mComponent is asked what it holds. Safe from any thread.
 */
public final class RegionReleases {
  private static final Duration CALL_LIMIT = Duration.ofSeconds(1);
  private static final Logger LOG = LoggerFactory.getLogger(RegionReleases.class);

  private final ConfigStore store;
  private final Membership membership;
  private final MemoryLedger ledger;
  private final ControlClient control;
  private final Map<ComponentId, Set<Pending>> pendingByHolder = new ConcurrentSkipListMap<>();

  public RegionReleases(
      ConfigStore store, Membership membership, MemoryLedger ledger, ControlClient control) {
    this.store = store;
    this.membership = membership;
    this.ledger = ledger;
    this.control = control;
  }

  /** A copy to be forgotten by its holder. */
  private record Pending(CopyPlace place, RegionRelease release) {}

  /** All copies of a region that nobody may use any more. */
  public void add(RegionConfig config) {
    // After a hand-off that nobody has told yet a copy is one epoch further.
    RegionRelease release = new RegionRelease(config.region(), config.nextEpoch());
    add(config.home(), release);
    config.members().forEach(member -> add(member, release));
  }

  /** One copy that is, or may be, there. */
  public void add(CopyPlace place, RegionRelease release) {
    Set<Pending> set =
        pendingByHolder.computeIfAbsent(place.component(), key -> new LinkedHashSet<>());
    synchronized (set) {
      set.add(new Pending(place, release));
    }
  }

  /** Those that still hold something to be forgotten. */
  public List<ComponentId> holders() {
    return pendingByHolder.entrySet().stream()
        .filter(entry -> !copy(entry.getValue()).isEmpty())
        .map(Map.Entry::getKey)
        .toList();
  }

  /**
   * Tries once to release all that one component holds; takes at most about a second if it is
   * silent.
   */
  public void attempt(ComponentId holder) {
    Set<Pending> set = pendingByHolder.get(holder);
    Optional<Member> member = membership.member(holder);
    if (set == null || member.isEmpty()) {
      return;
    }
    Member host = member.get();
    List<Pending> toCall = new ArrayList<>();
    for (Pending pending : copy(set)) {
      if (!pending.place().hasBoot(host.boot()) || host.state() == MemberState.LEFT) {
        done(set, pending);
      } else {
        toCall.add(pending);
      }
    }
    if (host.state() == MemberState.DOWN || !store.leads()) {
      return;
    }
    try {
      for (int from = 0; from < toCall.size(); from += MemoryCalls.MAX_REGIONS) {
        List<Pending> batch =
            toCall.subList(from, Math.min(from + MemoryCalls.MAX_REGIONS, toCall.size()));
        control.call(
            host.endpoint(),
            new ReleaseRegions(
                host.boot(), store.term(), batch.stream().map(Pending::release).toList()),
            CALL_LIMIT);
        batch.forEach(pending -> done(set, pending));
      }
    } catch (ControlFault e) {
      LOG.debug("{} did not release {} regions: {}", holder, toCall.size(), e.getMessage());
    }
  }

  private void done(Set<Pending> set, Pending pending) {
    boolean removed;
    synchronized (set) {
      removed = set.remove(pending);
    }
    if (removed) {
      ledger.release(pending.place().boot(), pending.release().region());
    }
  }

  private static List<Pending> copy(Set<Pending> set) {
    synchronized (set) {
      return List.copyOf(set);
    }
  }
}
