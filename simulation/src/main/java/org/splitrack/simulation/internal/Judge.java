package org.splitrack.simulation.internal;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.splitrack.fabric.BootId;
import org.splitrack.fabric.RegionId;
import org.splitrack.fabric.region.AckMode;
import org.splitrack.fabric.region.CopyPlace;
import org.splitrack.fabric.region.CopyRole;
import org.splitrack.fabric.region.RegionConfig;
import org.splitrack.fabric.region.RegionCopy;

/**
 * Knows what every node knows and checks the protocol's promises after every event: no acknowledged
 * write is missing on a copy that counts as in sync, one committer an epoch, epochs and terms only
 * rise, a sealed copy takes nothing of lower epochs, nobody serves what this start does not have,
 * nothing is given up while a copy is left.
 */
final class Judge {
  private final Rack rack;
  private final TreeMap<RegionId, Trial> trials = new TreeMap<>();
  private final TreeSet<RegionId> touched = new TreeSet<>();

  Judge(Rack rack) {
    this.rack = rack;
  }

  /** What is held against one region. */
  private static final class Trial {
    final AckMode ack;
    final long[] acknowledged;
    final TreeMap<Long, RegionConfig> contents = new TreeMap<>();
    final TreeMap<Long, BootId> servers = new TreeMap<>();
    final TreeMap<Long, Long> sealedAt = new TreeMap<>();
    final TreeSet<Long> takenOver = new TreeSet<>();
    boolean bereft;
    boolean lossy;

    Trial(RegionConfig row) {
      this.ack = row.ack();
      this.acknowledged = new long[Rack.MOST_PAGES];
    }
  }

  private Trial trial(RegionId region) {
    Trial trial = trials.get(region);
    if (trial == null) {
      throw new Violation("there is no region " + region);
    }
    return trial;
  }

  void touch(RegionId region) {
    touched.add(region);
  }

  /** Whether its history has to be linearizable: LegoOS's best effort loses writes by design. */
  boolean isJudged(RegionId region) {
    return !trial(region).lossy;
  }

  /** Regions of which no copy is left, for want of copies at that moment. */
  int bereft() {
    int count = 0;
    for (Trial trial : trials.values()) {
      count += trial.bereft ? 1 : 0;
    }
    return count;
  }

  // What happened.

  void stored(@Nullable RegionConfig before, RegionConfig next) {
    Trial trial = trials.computeIfAbsent(next.region(), key -> new Trial(next));
    boolean grown = before != null && next.equals(before.reserving(next.reservedPages()));
    if (before != null
        && !grown
        && (next.epoch() <= before.epoch() || next.term() < before.term())) {
      throw new Violation("the row went from " + before + " to " + next);
    }
    remember(trial, next);
    if (before != null && trial.ack == AckMode.LEGO) {
      boolean handedOff = before.isMigrating() && next.epoch() == before.epoch() + 1;
      boolean goesBack = trial.takenOver.contains(before.epoch() + 1);
      trial.lossy |= !handedOff && (goesBack || next.homeSince() > before.homeSince());
    }
    if (before != null && next.state() == RegionConfig.State.LOST) {
      for (MemoryNode.Held held : inSync(trial, before)) {
        // The source's hand-off may outlive it; with no other copy left nothing was promised.
        boolean target = before.roleOf(held.self.boot()) == CopyRole.LEARNER;
        if (!target && hasAll(trial, held)) {
          throw new Violation(
              "region " + next.region() + " is given up, and " + held.self + " has all of it");
        }
      }
      trial.bereft = true;
    }
    if (before != null && before.lacksLog() && !next.lacksLog()) {
      rack.world.coverage.happened(Coverage.Event.LOGGED_AGAIN);
    }
    touch(next.region());
  }

  void removed(RegionConfig row) {
    if (!rack.authority.hasEnded(row.region())) {
      throw new Violation("the authority has lost " + row);
    }
  }

  void termUsed(String where, long term, long highest) {
    if (term < highest) {
      throw new Violation(where + " followed term " + term + " after term " + highest);
    }
  }

  void installed(MemoryNode node, RegionCopy copy, CopyPlace self, long epochBefore) {
    Trial trial = trial(copy.region());
    RegionConfig config = copy.config();
    if (config == null || config.epoch() < epochBefore) {
      throw new Violation(node + " went from epoch " + epochBefore + " to " + config);
    }
    remember(trial, config);
    trial.sealedAt.merge(self.boot().value(), config.epoch(), Math::max);
  }

  private static void remember(Trial trial, RegionConfig config) {
    RegionConfig known = trial.contents.putIfAbsent(config.epoch(), config);
    if (known != null && !known.sameHolders(config)) {
      throw new Violation("one epoch is both " + known + " and " + config);
    }
  }

  void tookOver(RegionCopy copy) {
    Trial trial = trial(copy.region());
    trial.takenOver.add(copy.epoch());
    RegionConfig row = rack.authority.row(copy.region());
    // The row has gone on without it, to a copy that its writes need not wait for.
    trial.lossy |= trial.ack == AckMode.LEGO && row != null && row.epoch() > copy.epoch();
  }

  void served(MemoryNode node, RegionCopy copy, CopyPlace self, boolean write) {
    RegionConfig config = copy.config();
    if (write && config != null && config.strict() && !config.isProtected()) {
      throw new Violation(node + " acknowledges a write of one copy under " + config);
    }
    if (!self.boot().equals(node.place().boot())) {
      throw new Violation(node + " serves region " + copy.region() + " of an earlier start");
    }
    if (!copy.isHome()) {
      throw new Violation(node + " serves region " + copy.region() + " and is not its home");
    }
    BootId other = trial(copy.region()).servers.putIfAbsent(copy.epoch(), self.boot());
    if (other != null && !other.equals(self.boot())) {
      throw new Violation("region " + copy.region() + " has two servers of epoch " + copy.epoch());
    }
  }

  void replicaTaken(MemoryNode node, RegionCopy copy, CopyPlace self, long epoch) {
    if (!self.boot().equals(node.place().boot())) {
      throw new Violation(node + " takes pages for an earlier start");
    }
    Long sealed = trial(copy.region()).sealedAt.get(self.boot().value());
    if (sealed == null || epoch < sealed) {
      throw new Violation(
          node + ", sealed at " + sealed + ", acknowledges a page of epoch " + epoch);
    }
  }

  void pageStored(MemoryNode node, RegionCopy copy, int page, long before, long version) {
    if (version <= before) {
      throw new Violation(
          node
              + " replaces version "
              + before
              + " of page "
              + page
              + " of region "
              + copy.region()
              + " by "
              + version);
    }
  }

  void acknowledged(RegionId region, int page, long version) {
    Trial trial = trial(region);
    trial.acknowledged[page] = Math.max(trial.acknowledged[page], version);
    touch(region);
  }

  void ended(RegionId region) {
    if (!rack.authority.hasEnded(region)) {
      throw new Violation("region " + region + " is refused, and its process was not expelled");
    }
  }

  void gaveUp(RegionId region, String reason) {
    RegionConfig row = rack.authority.row(region);
    if (row != null ? row.state() != RegionConfig.State.LOST : !rack.authority.hasEnded(region)) {
      throw new Violation("a process gave up a region that is not lost: " + reason);
    }
  }

  // What must hold.

  /** After every event. */
  void check() {
    while (!touched.isEmpty()) {
      check(touched.removeFirst());
    }
  }

  private void check(RegionId region) {
    Trial trial = trial(region);
    RegionConfig row = rack.authority.row(region);
    if (row == null || row.state() == RegionConfig.State.LOST || trial.bereft || trial.lossy) {
      return;
    }
    List<MemoryNode.Held> inSync = inSync(trial, row);
    for (MemoryNode.Held held : inSync) {
      requireAll(trial, row, held);
    }
    if (trial.sealedAt.isEmpty() || inSync.stream().anyMatch(held -> held.self.isPromotable())) {
      return;
    }
    if (inSync.isEmpty()) {
      trial.bereft = !isSomeoneHome(region, RegionConfig.FIRST_EPOCH);
    } else if (!isSomeoneHome(region, row.epoch())) {
      trial.bereft = true;
      rack.world.coverage.happened(Coverage.Event.LEFT_TO_A_LOG);
    }
  }

  private void requireAll(Trial trial, RegionConfig row, MemoryNode.Held held) {
    if (held.pages < row.reservedPages()) {
      throw new Violation(
          held.self.component() + " has set " + held.pages + " pages aside for a copy of " + row);
    }
    for (int page = 0; page < trial.acknowledged.length; page++) {
      if (held.versions[page] < trial.acknowledged[page]) {
        throw new Violation(
            held.self.component()
                + " counts as a copy of region "
                + row.region()
                + " at epoch "
                + row.epoch()
                + " and has version "
                + held.versions[page]
                + " of page "
                + page
                + ", of which "
                + trial.acknowledged[page]
                + " was acknowledged");
      }
    }
  }

  private static boolean hasAll(Trial trial, MemoryNode.Held held) {
    for (int page = 0; page < trial.acknowledged.length; page++) {
      if (held.versions[page] < trial.acknowledged[page]) {
        return false;
      }
    }
    return true;
  }

  /** The copies that live and that a failover may rely on. */
  private List<MemoryNode.Held> inSync(Trial trial, RegionConfig row) {
    List<MemoryNode.Held> found = new ArrayList<>();
    CopyPlace current = row.home();
    if (row.isMigrating() && row.learner() != null && trial.takenOver.contains(row.epoch() + 1)) {
      current = row.learner().place();
    }
    addLiving(trial, row, current, found);
    if (trial.ack.waitsForCopies()) {
      for (CopyPlace secondary : row.secondaries()) {
        if (!secondary.equals(current)) {
          addLiving(trial, row, secondary, found);
        }
      }
    }
    return found;
  }

  private void addLiving(
      Trial trial, RegionConfig row, CopyPlace place, List<MemoryNode.Held> found) {
    MemoryNode node = rack.holder(place.component());
    if (!node.isUp() || !node.place().boot().equals(place.boot())) {
      return;
    }
    MemoryNode.Held held = node.held(row.region());
    if (held == null) {
      if (trial.sealedAt.containsKey(place.boot().value())) {
        throw new Violation(
            place.component() + " counts as a copy of region " + row.region() + " and has none");
      }
      return;
    }
    if (!hasGivenAway(trial, held)) {
      found.add(held);
    }
  }

  /**
   * It has handed off, and whoever it has handed to took over, or died and may have taken over as
   * far as anyone can know.
   */
  private boolean hasGivenAway(Trial trial, MemoryNode.Held held) {
    RegionConfig config = held.copy.config();
    if (config == null || held.copy.role() != CopyRole.NONE || held.copy.successorEpoch() == 0) {
      return false;
    }
    CopyPlace target = config.successor().home();
    return trial.takenOver.contains(held.copy.successorEpoch())
        || !rack.holder(target.component()).place().boot().equals(target.boot())
        || !rack.holder(target.component()).isUp();
  }

  private boolean isSomeoneHome(RegionId region, long fromEpoch) {
    for (MemoryNode node : rack.holders) {
      MemoryNode.Held held = node.held(region);
      if (held != null && held.copy.isHome() && held.copy.epoch() >= fromEpoch) {
        return true;
      }
    }
    return false;
  }

  /** Whether the next kill of a memory component loses nothing that was promised. */
  boolean isKillAdmissible() {
    for (RegionConfig row : rack.authority.rows()) {
      Trial trial = trial(row.region());
      if (trial.ack.waitsForCopies()
          && row.state() == RegionConfig.State.ACTIVE
          && !trial.bereft
          && inSync(trial, row).stream().filter(held -> held.self.isPromotable()).count() < 2) {
        return false;
      }
    }
    return true;
  }

  /** Whether everything that was promised can be kept without that component, from now on. */
  boolean canDoWithout(MemoryNode node) {
    for (RegionConfig row : rack.authority.rows()) {
      if (row.state() == RegionConfig.State.ACTIVE
          && !trial(row.region()).ack.waitsForCopies()
          && (row.home().component().equals(node.component) || row.learner() != null)) {
        return false;
      }
    }
    return isKillAdmissible();
  }

  /** What is not as it should be some time after the last fault; null when all is. */
  @Nullable String unrest() {
    for (RegionConfig row : rack.authority.rows()) {
      if (row.state() == RegionConfig.State.LOST || isLeftToItsLog(row)) {
        continue;
      }
      if (!row.isProtected() || row.learner() != null) {
        return "region " + row.region() + " is at rest with " + row;
      }
      String unlike = unlike(row);
      if (unlike != null) {
        return unlike;
      }
    }
    for (ProcessNode process : rack.processes) {
      String waits = process.waitsFor(region -> isLeftToItsLog(rack.authority.row(region)));
      if (waits != null) {
        return process + " waits for" + waits;
      }
    }
    return surplus();
  }

  /** Its memory is gone; its log, which nothing reads back yet, is not. */
  boolean isLeftToItsLog(@Nullable RegionConfig row) {
    return row != null
        && row.state() == RegionConfig.State.ACTIVE
        && trial(row.region()).bereft
        && row.ack().logsWanted() > 0
        && !row.lacksLog();
  }

  private @Nullable String unlike(RegionConfig row) {
    List<CopyPlace> places = new ArrayList<>(row.secondaries());
    places.add(row.home());
    for (CopyPlace place : places) {
      MemoryNode.Held held = rack.holder(place.component()).held(row.region());
      RegionConfig config = held == null ? null : held.copy.config();
      if (config == null
          || !config.sameHolders(row)
          || config.reservedPages() < row.reservedPages()) {
        return place.component() + " has " + config + " and the row is " + row;
      }
    }
    return null;
  }

  private @Nullable String surplus() {
    for (MemoryNode node : rack.holders) {
      if (rack.faults.isAbandoned(node)) {
        continue;
      }
      for (RegionId region : node.regions()) {
        RegionConfig row = rack.authority.row(region);
        if (row == null
            || (row.state() == RegionConfig.State.ACTIVE
                && !isLeftToItsLog(row)
                && row.roleOf(node.place().boot()) == CopyRole.NONE)) {
          return node + " has a copy of region " + region + " that nobody wants";
        }
      }
    }
    return null;
  }
}
