package org.splitrack.simulation.internal;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.splitrack.fabric.ProcessId;
import org.splitrack.fabric.RegionId;
import org.splitrack.fabric.region.ConfigChange;
import org.splitrack.fabric.region.RegionConfig;
import org.splitrack.fabric.region.StoreAnswer;

/** The rows and the leadership, in a database that keeps both over its own death. */
final class Authority extends Node {
  private static final long LEASE_US = 2_000_000;

  private final TreeMap<RegionId, RegionConfig> rows = new TreeMap<>();
  private final TreeMap<RegionId, RegionConfig> ended = new TreeMap<>();
  private final Judge judge;
  private long term;
  private int leader = -1;
  private long renewedUs = -LEASE_US;

  Authority(World world, Judge judge) {
    super(world, "authority");
    this.judge = judge;
  }

  void insert(RegionConfig row) {
    rows.put(row.region(), row);
    judge.stored(null, row);
  }

  @Nullable RegionConfig row(RegionId region) {
    return rows.get(region);
  }

  List<RegionConfig> rows() {
    return List.copyOf(rows.values());
  }

  List<RegionConfig> rows(List<RegionId> regions) {
    List<RegionConfig> found = new ArrayList<>();
    for (RegionId region : regions) {
      RegionConfig row = rows.get(region);
      if (row != null) {
        found.add(row);
      }
    }
    return found;
  }

  /** The term under which that manager leads; 0 when another does. */
  long lead(int manager, long heldTerm) {
    boolean holds = leader == manager && heldTerm == term && term > 0;
    if (!holds) {
      if (world.plants(Plant.CONFLICT_TAKEN_FOR_SUCCESS) && term > 0) {
        return term;
      }
      if (world.nowUs() - renewedUs < LEASE_US) {
        return 0;
      }
      leader = manager;
      term++;
    }
    renewedUs = world.nowUs();
    return term;
  }

  /**
   * Ends an incarnation of a process, if that is the one which runs: all its regions go in one
   * transaction, and those of the next one come.
   *
   * @param next those of the next one
   * @param install has the copies of one of them made
   * @return the regions of it and of earlier ones that went, then or before; null when that manager
   *     does not lead
   */
  @Nullable List<RegionConfig> expel(
      ProcessId process,
      int incarnation,
      long managerTerm,
      Supplier<List<RegionConfig>> next,
      Consumer<RegionConfig> install) {
    if (managerTerm != term) {
      return null;
    }
    List<RegionConfig> gone = upTo(rows.values(), process, incarnation);
    for (RegionConfig row : gone) {
      rows.remove(row.region());
      ended.put(row.region(), row);
      world.trace("ended", row.region().value(), row.epoch(), incarnation);
    }
    if (!gone.isEmpty()) {
      List<RegionConfig> begun = next.get();
      begun.forEach(this::insert);
      begun.forEach(install);
    }
    return upTo(ended.values(), process, incarnation);
  }

  /** Whether that incarnation has regions, for it was not ended. */
  boolean runs(ProcessId process, int incarnation) {
    return !upTo(rows.values(), process, incarnation).isEmpty();
  }

  private static List<RegionConfig> upTo(
      Collection<RegionConfig> from, ProcessId process, int incarnation) {
    return from.stream()
        .filter(row -> row.process().equals(process) && row.incarnation() <= incarnation)
        .toList();
  }

  /** Whether the region's process was expelled, or ended. */
  boolean hasEnded(RegionId region) {
    return ended.containsKey(region) && !rows.containsKey(region);
  }

  StoreAnswer store(List<ConfigChange> changes, long managerTerm) {
    if (managerTerm != term && !world.plants(Plant.STALE_TERM_ACCEPTED)) {
      return StoreAnswer.NOT_LEADING;
    }
    for (ConfigChange change : changes) {
      RegionConfig present = rows.get(change.next().region());
      boolean unguarded =
          present == null
              ? world.plants(Plant.EXPELLED_REVIVED)
              : world.plants(Plant.CAS_WITHOUT_EPOCH_GUARD);
      if (!change.expected().equals(present) && !unguarded) {
        return StoreAnswer.CONFLICT;
      }
    }
    for (ConfigChange change : changes) {
      RegionConfig before = rows.put(change.next().region(), change.next());
      world.trace(
          "stored", change.next().region().value(), change.next().epoch(), change.next().term());
      world.note("  " + change.next() + " because " + change.reason());
      judge.termUsed("the authority", managerTerm, term);
      judge.stored(before, change.next());
    }
    return StoreAnswer.STORED;
  }

  @Override
  void tick() {}

  @Override
  void erase() {}

  @Override
  void begin() {}
}
