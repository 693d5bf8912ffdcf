package org.splitrack.fabric.region;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.splitrack.fabric.ComponentId;
import org.splitrack.fabric.RegionId;
import org.splitrack.fabric.Role;
import org.splitrack.fabric.region.Learner.Purpose;
import org.splitrack.fabric.region.RegionWork.Crowded;
import org.splitrack.fabric.region.RegionWork.Reservation;

/**
 * The leading manager's side of all regions: what follows from what it hears. Each step is a change
 * of a row by compare-and-set; installations follow from the row and are repeated until all copies
 * have it, so that whoever leads next finishes what was begun from the rows alone.
 *
 * <p>Copies that are not home are installed before the home, and the home before the process is
 * told: when a process learns an epoch nobody can acknowledge a write of a lower one.
 *
 * <p>Owned by one thread.
 */
public final class RegionSteward {
  /** Ticks after which a step without an answer is asked for again. */
  public static final int RETRY_TICKS = 4;

  /** Ticks that a region waits after a place has refused it. */
  public static final int REFUSED_TICKS = 10;

  /** Reports under one epoch that a place is not reached, after which the region does without. */
  public static final int COMPLAINTS = 5;

  /**
   * Ticks without such a report after which they are counted anew: more than an attempt to connect
   * takes that gets no answer.
   */
  public static final int COMPLAINT_GAP_TICKS = 100;

  /** Ticks that a region does without a place that was not reached. */
  public static final int AVOID_TICKS = 100;

  /** Times that a row is read again when a change of it had no answer: it may yet be stored. */
  public static final int REREADS = 5;

  /** Ticks between two of them. */
  public static final int REREAD_TICKS = 20;

  private final StewardEffects effects;
  private final CopyPlacement placement;
  private final Hosts hosts;
  private final NextConfig nextConfig;
  private final TreeMap<RegionId, RegionWork> regions = new TreeMap<>();
  private final TreeMap<Long, List<ConfigChange>> changes = new TreeMap<>();

  /** Regions that are to move and may not yet, in the order in which they came to that. */
  private final LinkedHashSet<RegionId> waitingToMove = new LinkedHashSet<>();

  private CopyLimits limits = CopyLimits.DEFAULT;
  private long term;
  private long lastChange;
  private int tick;
  private boolean leading;

  public RegionSteward(StewardEffects effects, CopyPlacement placement) {
    this.effects = effects;
    this.placement = placement;
    this.hosts = new Hosts(effects);
    this.nextConfig = new NextConfig(hosts);
  }

  public boolean isLeading() {
    return leading;
  }

  public long term() {
    return term;
  }

  /** The row as far as it is known here. */
  public @Nullable RegionConfig row(RegionId region) {
    RegionWork work = regions.get(region);
    return work == null ? null : work.row;
  }

  /** All rows as far as they are known here, in the order of their numbers. */
  public List<RegionConfig> rows() {
    List<RegionConfig> rows = new ArrayList<>(regions.size());
    regions.values().forEach(work -> rows.add(work.row));
    return rows;
  }

  /** The next single kill loses nothing, as far as acknowledgements promise it. */
  public boolean isProtected(RegionId region) {
    RegionWork work = regions.get(region);
    return work != null && work.row.isProtected() && work.isSettled() && answers(work.row);
  }

  private boolean answers(RegionConfig row) {
    for (CopyPlace secondary : row.secondaries()) {
      if (!hosts.isUsable(secondary)) {
        return false;
      }
    }
    return hosts.isUsable(row.home());
  }

  /** From now on; what is under way beyond it goes on to its end. */
  public void limit(CopyLimits next) {
    limits = next;
    pursueAll();
  }

  // Leadership and rows.

  /** This manager leads from now on. {@code rows}: all there are. Everything is installed again. */
  public void onLeading(long newTerm, List<RegionConfig> rows) {
    term = newTerm;
    leading = true;
    regions.clear();
    changes.clear();
    waitingToMove.clear();
    for (RegionConfig row : rows) {
      RegionWork work = new RegionWork(row);
      regions.put(row.region(), work);
      assumeHolders(row);
      Learner learner = row.learner();
      if (learner != null && row.isMigrating()) {
        work.migrateTo = learner.place();
      }
    }
    hosts.beginAnew();
    pursueAll();
  }

  public void onResigned() {
    leading = false;
    regions.clear();
    changes.clear();
    waitingToMove.clear();
  }

  /** Rows that were inserted, or changed by others. */
  public void onRows(List<RegionConfig> rows) {
    for (RegionConfig row : rows) {
      assumeHolders(row);
      RegionWork work = regions.get(row.region());
      if (work == null) {
        regions.put(row.region(), new RegionWork(row));
      } else if (row.epoch() >= work.row.epoch()) {
        take(work, row, "changed by another");
      }
      pursue(row.region());
    }
  }

  private void assumeHolders(RegionConfig row) {
    hosts.assume(row.home());
    row.members().forEach(hosts::assume);
  }

  /**
   * Rows that were read again. What was read may be older than what is known here: a region that is
   * not, or no longer, known here has ended meanwhile; one without a row has ended unheard of.
   *
   * @param asked the regions whose rows were read
   * @param rows those that there are
   */
  public void onReloaded(List<RegionId> asked, List<RegionConfig> rows) {
    asked.forEach(this::countReread);
    Set<RegionId> ended = new TreeSet<>(asked);
    List<RegionConfig> known = new ArrayList<>();
    for (RegionConfig row : rows) {
      ended.remove(row.region());
      if (regions.containsKey(row.region())) {
        known.add(row);
      }
    }
    onRows(known);
    ended.forEach(this::onEnded);
  }

  /** Answers to questions that have waited together say no more than one of them. */
  private void countReread(RegionId region) {
    RegionWork work = regions.get(region);
    if (work != null && work.rereads > 0 && tick - work.countedTick >= REREAD_TICKS / 2) {
      work.rereads--;
      work.countedTick = tick;
    }
  }

  /**
   * The region's process has ended: its copies are released, once. What does not hear of it is
   * released by whoever learns that it is still held.
   */
  public void onEnded(RegionId region) {
    RegionWork work = regions.remove(region);
    if (work == null || !leading) {
      return;
    }
    List<CopyPlace> places = new ArrayList<>(work.takeReleased());
    places.add(work.row.home());
    places.addAll(work.row.members());
    Reservation reserved = work.reservation;
    if (reserved != null && !places.contains(reserved.place())) {
      places.add(reserved.place());
    }
    places.forEach(place -> effects.release(place, region, work.row.nextEpoch(), term));
  }

  public void onStored(long change, StoreAnswer answer) {
    List<ConfigChange> stored = changes.remove(change);
    if (stored == null) {
      return;
    }
    List<RegionId> unsure = new ArrayList<>();
    for (ConfigChange each : stored) {
      RegionWork work = regions.get(each.next().region());
      if (work != null && work.change == change) {
        work.change = 0;
        if (answer == StoreAnswer.STORED) {
          take(work, each.next(), each.reason());
        } else {
          work.stale = true;
          work.askedTick = tick;
          if (answer == StoreAnswer.UNKNOWN) {
            work.rereads = REREADS;
            work.countedTick = tick;
          }
          unsure.add(each.next().region());
        }
      }
    }
    switch (answer) {
      case NOT_LEADING -> resign("another manager leads");
      case CONFLICT, UNKNOWN -> effects.reload(unsure);
      case STORED -> {}
    }
    stored.forEach(each -> pursue(each.next().region()));
  }

  private void resign(String reason) {
    if (leading) {
      onResigned();
      effects.resigned(reason);
    }
  }

  private void take(RegionWork work, RegionConfig next, String reason) {
    RegionConfig before = work.row;
    work.adopt(next);
    if (next.epoch() == before.epoch()) {
      return;
    }
    Reservation reserved = work.reservation;
    if (reserved != null && next.roleOf(reserved.place().boot()) != CopyRole.NONE) {
      work.reservation = null;
    }
    if (work.crowded != null && next.roleOf(work.crowded.place().boot()) == CopyRole.NONE) {
      work.crowded = null;
    }
    effects.changed(new ConfigChange(before, next, reason));
    if (next.state() == RegionConfig.State.LOST) {
      effects.lost(next, reason);
    }
    endMigration(work, before, next, reason);
  }

  private void endMigration(
      RegionWork work, RegionConfig before, RegionConfig next, String reason) {
    CopyPlace target = work.migrateTo;
    if (target != null && next.home().equals(target)) {
      endMigration(work, target, null);
    } else if (target != null && before.isMigrating() && !next.isMigrating()) {
      endMigration(work, target, reason);
    }
  }

  private void endMigration(RegionWork work, CopyPlace target, @Nullable String error) {
    work.migrateTo = null;
    work.abort = null;
    effects.migrated(work.row.region(), target, error);
  }

  // Components.

  /** That start of the component is there: it registered, or was heard of. */
  public void onPresent(CopyPlace place) {
    CopyPlace before = hosts.present(place);
    if (before != null && !before.boot().equals(place.boot())) {
      pursueAll();
    }
  }

  /** Proof that a start is over, and all copies in it are gone. */
  public void onBootGone(CopyPlace place) {
    hosts.gone(place);
    pursueAll();
  }

  /** Somebody got no answer from it. */
  public void onSuspected(CopyPlace place) {
    if (leading) {
      hosts.suspect(place);
    }
  }

  /** A home reports that a member does not acknowledge, whether or not it answers probes. */
  public void onMemberSuspected(RegionId region, long epoch, CopyPlace member) {
    onSuspected(member);
    RegionWork work = regions.get(region);
    if (work != null && work.row.epoch() == epoch && work.complain(member, tick)) {
      pursue(region);
    }
  }

  /**
   * A process reports that the home does not answer. That it cannot be connected to concerns all
   * regions of the process that are at home there.
   *
   * @param unreachable it cannot be connected to, though it may answer probes
   */
  public void onHomeSuspected(RegionId region, long epoch, CopyPlace home, boolean unreachable) {
    onSuspected(home);
    RegionWork work = regions.get(region);
    if (work == null
        || !unreachable
        || epoch < work.row.homeSince()
        || !work.row.home().equals(home)) {
      return;
    }
    for (RegionWork each : List.copyOf(regions.values())) {
      if (each.row.process().equals(work.row.process())
          && each.row.home().equals(home)
          && !each.row.secondaries().isEmpty()
          && each.complain(home, tick)) {
        pursue(each.row.region());
      }
    }
  }

  /**
   * What a probe found.
   *
   * @param answered false: no answer within a time that this manager was itself running in
   */
  public void onProbed(CopyPlace place, boolean answered) {
    if (hosts.probed(place, answered)) {
      pursueAll();
    }
  }

  /** Copies on a component, in whatever role. */
  public int copiesOn(ComponentId component) {
    int copies = 0;
    for (RegionWork work : regions.values()) {
      if (work.row.home().component().equals(component)) {
        copies++;
      }
      for (CopyPlace member : work.row.members()) {
        if (member.component().equals(component)) {
          copies++;
        }
      }
    }
    return copies;
  }

  /** Empties a component: its copies go elsewhere and nothing new comes to it; or no longer. */
  public void drain(ComponentId component, boolean draining) {
    hosts.drain(component, draining);
    pursueAll();
  }

  // Copies.

  /**
   * A place answers whether it has set pages aside.
   *
   * @param made false: there is no room
   */
  public void onReserved(RegionId region, CopyPlace place, boolean made) {
    if (!made) {
      onNotReserved(region, place, "is full");
      return;
    }
    RegionWork work = regions.get(region);
    Reservation reserved = work == null ? null : work.reservation;
    if (work != null && reserved != null && reserved.place().equals(place)) {
      work.reservation = new Reservation(place, reserved.purpose(), true);
      pursue(region);
    }
  }

  /**
   * A place cannot set pages aside.
   *
   * @param why one clause about the place
   */
  public void onNotReserved(RegionId region, CopyPlace place, String why) {
    RegionWork work = regions.get(region);
    Reservation reserved = work == null ? null : work.reservation;
    if (work != null && reserved != null && reserved.place().equals(place)) {
      giveUpReservation(work, place.component() + " " + why);
      work.waitUntilTick = tick + REFUSED_TICKS;
      pursue(region);
    }
  }

  public void onInstallAnswer(RegionId region, CopyPlace place, long epoch, InstallAnswer answer) {
    RegionWork work = regions.get(region);
    if (work == null || !leading) {
      return;
    }
    RegionConfig held = answer.held();
    if (answer.kind() == InstallAnswer.Kind.STALE_TERM) {
      resign("a copy has heard of a higher term");
      return;
    }
    if (epoch != work.row.epoch()) {
      return;
    }
    switch (answer.kind()) {
      case INSTALLED -> {
        if (held != null && held.reservedPages() >= work.row.reservedPages()) {
          work.markInstalled(place);
        }
      }
      case STALE_EPOCH -> heldIsNewer(work, held);
      case HANDED_OFF -> work.handedTo = held;
      case NOT_HELD -> work.markMissing(place);
      case FULL -> {
        // Another copy than a learner has its pages, and is asked for more of them again.
        if (work.row.roleOf(place.boot()) == CopyRole.LEARNER) {
          work.markMissing(place);
          work.waitUntilTick = tick + REFUSED_TICKS;
        }
      }
      case NOT_A_MEMBER -> {}
      case STALE_TERM -> {}
    }
    pursue(region);
  }

  private void heldIsNewer(RegionWork work, @Nullable RegionConfig held) {
    if (held != null && work.row.isMigrating() && held.epoch() == work.row.epoch() + 1) {
      work.handedTo = held;
    } else {
      work.stale = true;
    }
  }

  /** A home reports that its learner has all pages. */
  public void onCaughtUp(RegionId region, long epoch, CopyPlace learner) {
    RegionWork work = regions.get(region);
    if (work != null
        && work.row.epoch() == epoch
        && work.row.learner() != null
        && work.row.learner().place().equals(learner)) {
      work.caughtUp = true;
      pursue(region);
    }
  }

  /** The target of a migration reports that it is home. */
  public void onHandedOff(RegionConfig successor) {
    RegionWork work = regions.get(successor.region());
    if (work != null && successor.epoch() > work.row.homeSince()) {
      work.handedTo = successor;
      pursue(successor.region());
    }
  }

  /**
   * A component says that it has a copy; said now and then for each.
   *
   * @param epoch its configuration's, or that of the row that its reservation was made for
   */
  public void onHeld(CopyPlace place, RegionId region, long epoch) {
    RegionWork work = regions.get(region);
    if (work == null
        || !leading
        || work.change != 0
        || work.stale
        || work.row.roleOf(place.boot()) != CopyRole.NONE
        || !work.isInstalled(work.row.home())
        || epoch > work.row.epoch()) {
      return;
    }
    Reservation reserved = work.reservation;
    if (reserved == null || !reserved.place().equals(place)) {
      effects.release(place, region, work.row.epoch(), term);
    }
  }

  /**
   * A component says that it has a copy of a region whose process has ended, so that no row has it.
   * Whatever its role, it is over: the release is above its epoch.
   */
  public void onHeldAfterEnd(CopyPlace place, RegionId region, long epoch) {
    if (leading && !regions.containsKey(region)) {
      effects.release(place, region, epoch + 1, term);
    }
  }

  // The process.

  public void onTold(RegionId region, long epoch) {
    RegionWork work = regions.get(region);
    if (work != null) {
      work.toldEpoch = Math.max(work.toldEpoch, epoch);
    }
  }

  // Commands.

  /**
   * Moves a region's home while its process runs.
   *
   * @return why not; null when it begins
   */
  public @Nullable String migrate(RegionId region, CopyPlace target) {
    RegionWork work = regions.get(region);
    if (!leading) {
      return "this manager does not lead";
    }
    if (work == null || work.row.state() == RegionConfig.State.LOST) {
      return "there is no region " + region;
    }
    if (work.row.home().equals(target)) {
      return "region " + region + " is on " + target.component() + " already";
    }
    if (!target.isPromotable()) {
      return target.component() + " has no memory for regions";
    }
    if (hosts.isDraining(target.component())) {
      return target.component() + " is being emptied";
    }
    if (!hosts.mayAnswer(target)) {
      return target.component() + " does not answer";
    }
    if (work.migrateTo != null) {
      return "region " + region + " is moving already";
    }
    if (!mayMove(work.row)) {
      return "region " + region + " waits for a second copy, without which it is not written to";
    }
    // Whoever wants it there may know that it is reached again; if not, there are complaints again.
    work.forgive(target);
    work.migrateTo = target;
    pursue(region);
    return null;
  }

  /**
   * Begins to move one copy of a region to a component with more room; it ends by itself when there
   * is none. See {@link #isRelieving}.
   *
   * @param full the copy that has no room to grow
   * @param pages that the region needs on each of its holders
   */
  public void relieve(RegionId region, CopyPlace full, int pages) {
    RegionWork work = regions.get(region);
    if (leading && work != null && work.row.roleOf(full.boot()) != CopyRole.NONE) {
      work.crowded = new Crowded(full, pages);
      work.waitUntilTick = tick;
      pursue(region);
    }
  }

  /** Whether such a move is under way: neither done nor given up. */
  public boolean isRelieving(RegionId region) {
    RegionWork work = regions.get(region);
    return leading && work != null && work.crowded != null;
  }

  /**
   * Gives a migration up, as soon as a change of the row that is under way is answered; whether it
   * was in time shows in {@link StewardEffects#migrated}. A swap of roles copies nothing and is not
   * given up.
   */
  public void abort(RegionId region, String reason) {
    RegionWork work = regions.get(region);
    if (work == null || work.migrateTo == null || work.row.isSwapping()) {
      return;
    }
    work.abort = reason;
    pursue(region);
  }

  // Time.

  /** Called at even intervals; repeats what got no answer. */
  public void onTick() {
    tick++;
    if (leading) {
      hosts.onTick(tick);
      for (RegionId region : List.copyOf(regions.keySet())) {
        retry(regions.get(region));
        pursue(region);
      }
      // Whoever still waits has just said so, unless it rests.
      waitingToMove.removeIf(
          region -> {
            RegionWork work = regions.get(region);
            return work == null || (work.waitingTick != tick && !rests(work));
          });
    }
  }

  private void retry(@Nullable RegionWork work) {
    if (work == null) {
      return;
    }
    if (work.change != 0 && tick - work.storedTick >= RETRY_TICKS * 4) {
      onStored(work.change, StoreAnswer.UNKNOWN);
    }
    if (work.rereads > 0
        && work.change == 0
        && !work.stale
        && tick - work.rereadTick >= REREAD_TICKS) {
      work.rereadTick = tick;
      effects.reload(List.of(work.row.region()));
    }
  }

  // What follows.

  private void pursueAll() {
    if (!leading) {
      return;
    }
    List<ConfigChange> batch = new ArrayList<>();
    for (RegionWork work : regions.values()) {
      ConfigChange change = decide(work);
      if (change != null) {
        batch.add(change);
      }
    }
    store(batch);
    for (RegionId region : List.copyOf(regions.keySet())) {
      pursue(region);
    }
  }

  private void pursue(RegionId region) {
    RegionWork work = regions.get(region);
    if (work == null || !leading) {
      return;
    }
    ConfigChange change = decide(work);
    if (change != null) {
      store(List.of(change));
    }
    if (work.change == 0) {
      ask(work);
    }
  }

  private @Nullable ConfigChange decide(RegionWork work) {
    followAbort(work);
    requireReservation(work);
    return nextConfig.decide(work, term, tick);
  }

  /**
   * Gives a migration up that is not in the row. One that is ends by a change of it. While a change
   * is under way it is not known which of the two this is.
   */
  private void followAbort(RegionWork work) {
    String reason = work.abort;
    CopyPlace target = work.migrateTo;
    if (reason == null || target == null || work.change != 0 || work.stale) {
      return;
    }
    Reservation reserved = work.reservation;
    if (work.row.isSwapping()) {
      work.abort = null;
    } else if (work.row.isMigrating()) {
      return;
    } else if (reserved != null && reserved.purpose() == Purpose.HOME) {
      giveUpReservation(work, reason);
    } else {
      endMigration(work, target, reason);
    }
  }

  /** Gives a reservation up that will not do any more. */
  private void requireReservation(RegionWork work) {
    Reservation reserved = work.reservation;
    if (reserved == null || work.change != 0 || work.stale || !work.isSettled()) {
      return;
    }
    if (!hosts.mayAnswer(reserved.place())) {
      giveUpReservation(work, reserved.place().component() + " does not answer");
    } else if (reserved.purpose() == Purpose.HOME && !mayMove(work.row)) {
      giveUpReservation(work, "its writes are blocked until it has a second copy");
    }
  }

  private void store(List<ConfigChange> batch) {
    if (batch.isEmpty()) {
      return;
    }
    long change = ++lastChange;
    changes.put(change, batch);
    for (ConfigChange each : batch) {
      RegionWork work = regions.get(each.next().region());
      if (work != null) {
        work.change = change;
        work.storedTick = tick;
      }
    }
    effects.store(change, batch);
  }

  /** Asks for what the row wants and nobody has confirmed. */
  private void ask(RegionWork work) {
    boolean due = tick - work.askedTick >= RETRY_TICKS;
    if (work.stale) {
      if (due) {
        work.askedTick = tick;
        effects.reload(List.of(work.row.region()));
      }
      return;
    }
    RegionConfig row = work.row;
    if (row.state() == RegionConfig.State.LOST) {
      if (due && work.toldEpoch < row.epoch()) {
        work.askedTick = tick;
        effects.tell(row);
      }
      return;
    }
    if (!work.isSettled()) {
      installNext(work, due);
      return;
    }
    if (!work.settledTold) {
      work.settledTold = true;
      work.askedTick = tick - RETRY_TICKS;
      due = true;
      for (CopyPlace gone : work.takeReleased()) {
        effects.release(gone, row.region(), row.epoch(), term);
      }
      effects.settled(row);
    }
    if (due && (work.toldEpoch < row.epoch() || isAsking(work))) {
      work.askedTick = tick;
      if (work.toldEpoch < row.epoch()) {
        effects.tell(row);
      }
      Reservation reserved = work.reservation;
      if (reserved != null && !reserved.made()) {
        effects.reserve(reserved.place(), row, term);
      }
    }
    chooseNext(work);
  }

  private static boolean isAsking(RegionWork work) {
    return work.reservation != null && !work.reservation.made();
  }

  /** Members first, all at once; then the home. */
  private void installNext(RegionWork work, boolean due) {
    boolean homesTurn = work.membersInstalled();
    if (homesTurn != work.homeAsked) {
      work.homeAsked = homesTurn;
      due = true;
    }
    if (!due) {
      return;
    }
    work.askedTick = tick;
    if (homesTurn) {
      effects.install(work.row.home(), work.row, term);
      return;
    }
    for (CopyPlace member : work.row.members()) {
      if (!work.isInstalled(member)) {
        effects.install(member, work.row, term);
      }
    }
  }

  /** Begins the next copy or migration of a region that is at rest. */
  private void chooseNext(RegionWork work) {
    RegionConfig row = work.row;
    if (row.learner() != null || work.reservation != null || rests(work)) {
      return;
    }
    boolean urgent = row.lacksMemory() || row.lacksLog() || work.crowded != null;
    if (urgent && underWay(true) >= limits.copiesAtOnce()) {
      return;
    }
    if (row.lacksMemory() && begin(work, Purpose.SECONDARY, Role.MCOMPONENT)) {
      return;
    }
    if (row.lacksLog() && begin(work, Purpose.SECONDARY, Role.SCOMPONENT)) {
      return;
    }
    if (!mayMove(row)) {
      return;
    }
    if (work.crowded != null && work.migrateTo == null) {
      if (!beginInPlaceOf(work, work.crowded.place())) {
        work.crowded = null;
      }
      return;
    }
    CopyPlace target = work.migrateTo;
    CopyPlace draining = target == null ? draining(row) : null;
    if (target != null && isItsTurn(work)) {
      if (row.roleOf(target.boot()) == CopyRole.SECONDARY) {
        work.reservation = new Reservation(target, Purpose.HOME, true);
        pursue(row.region());
      } else {
        reserve(work, target, Purpose.HOME);
      }
    } else if (draining != null && isItsTurn(work)) {
      beginInPlaceOf(work, draining);
    }
  }

  /**
   * Those that wait to move begin in their order, as many as may. One whose turn it is gives its
   * place in the order up, so that it holds nobody up when it cannot begin after all.
   */
  private boolean isItsTurn(RegionWork work) {
    RegionId region = work.row.region();
    waitingToMove.add(region);
    work.waitingTick = tick;
    int free = limits.movesAtOnce() - underWay(false);
    for (RegionId next : waitingToMove) {
      if (free <= 0) {
        return false;
      }
      if (next.equals(region)) {
        waitingToMove.remove(region);
        return true;
      }
      if (!rests(regions.get(next))) {
        free--;
      }
    }
    return false;
  }

  /** It asked for a place in vain a moment ago. */
  private boolean rests(@Nullable RegionWork work) {
    return work != null && tick < work.waitUntilTick;
  }

  /** A hand-off waits until nothing is unacknowledged, so what is blocked could not be moved. */
  private static boolean mayMove(RegionConfig row) {
    return !row.strict() || row.isProtected();
  }

  /** A copy that is to go elsewhere, the home first. */
  private @Nullable CopyPlace draining(RegionConfig row) {
    if (hosts.isDraining(row.home().component())) {
      return row.home();
    }
    for (CopyPlace secondary : row.secondaries()) {
      if (hosts.isDraining(secondary.component())) {
        return secondary;
      }
    }
    return null;
  }

  private boolean beginInPlaceOf(RegionWork work, CopyPlace copy) {
    Purpose purpose = work.row.home().equals(copy) ? Purpose.HOME : Purpose.SECONDARY;
    return begin(work, purpose, copy.component().role());
  }

  private boolean begin(RegionWork work, Purpose purpose, Role role) {
    Set<ComponentId> excluded = new TreeSet<>(hosts.unusable());
    excluded.add(work.row.home().component());
    work.row.members().forEach(member -> excluded.add(member.component()));
    work.addAvoided(excluded, tick);
    RegionConfig wanted =
        work.crowded == null ? work.row : work.row.reserving(work.crowded.pages());
    CopyPlace place = placement.choose(wanted, role, excluded);
    if (place == null || !hosts.isUsable(place)) {
      work.waitUntilTick = tick + REFUSED_TICKS;
      return false;
    }
    if (purpose == Purpose.HOME) {
      work.migrateTo = place;
    }
    reserve(work, place, purpose);
    return true;
  }

  private void reserve(RegionWork work, CopyPlace place, Purpose purpose) {
    work.reservation = new Reservation(place, purpose, false);
    work.askedTick = tick;
    effects.reserve(place, work.row, term);
  }

  /** Copies that are being made because something waits for them, or only to move. */
  private int underWay(boolean urgent) {
    int count = 0;
    for (RegionWork work : regions.values()) {
      if (work.isMakingACopy() && work.isUrgent() == urgent) {
        count++;
      }
    }
    return count;
  }

  private void giveUpReservation(RegionWork work, String reason) {
    Reservation reserved = work.reservation;
    if (reserved != null && work.row.roleOf(reserved.place().boot()) == CopyRole.NONE) {
      effects.release(reserved.place(), work.row.region(), work.row.epoch(), term);
    }
    work.reservation = null;
    work.crowded = null;
    CopyPlace target = work.migrateTo;
    if (target != null && (reserved == null || reserved.purpose() == Purpose.HOME)) {
      endMigration(work, target, reason);
    }
  }
}
