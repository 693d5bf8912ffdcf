package org.splitrack.simulation.internal;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.splitrack.fabric.ComponentId;
import org.splitrack.fabric.ProcessId;
import org.splitrack.fabric.RegionId;
import org.splitrack.fabric.Role;
import org.splitrack.fabric.region.ConfigChange;
import org.splitrack.fabric.region.CopyPlace;
import org.splitrack.fabric.region.CopyPlacement;
import org.splitrack.fabric.region.InstallAnswer;
import org.splitrack.fabric.region.RegionConfig;
import org.splitrack.fabric.region.RegionSteward;
import org.splitrack.fabric.region.StewardEffects;
import org.splitrack.fabric.region.StoreAnswer;

/** A global manager: leads or stands by, and drives the protocol's {@link RegionSteward}. */
final class ManagerNode extends Node implements StewardEffects, CopyPlacement {
  private static final int LEAD_TICKS = 8;
  private static final int SILENT_TICKS = 30;
  private static final int PROBE_TICKS = 3;
  private static final int CALL_TICKS = 6;
  private static final String GIVEN_UP = "given up";

  private final Rack rack;
  private final TreeMap<ComponentId, Heard> heard = new TreeMap<>();
  private final TreeMap<ComponentId, Probe> probes = new TreeMap<>();
  private final List<Call> calls = new ArrayList<>();
  private final TreeMap<ProcessId, Integer> expelling = new TreeMap<>();

  /** Targets of the moves that it was told to make. */
  private final TreeMap<RegionId, CopyPlace> moving = new TreeMap<>();

  /** Whom it last asked to set pages aside. */
  private final TreeMap<RegionId, CopyPlace> reserving = new TreeMap<>();

  /** How far moves had come when they were given up. */
  private final TreeMap<RegionId, Moves.State> givenUp = new TreeMap<>();

  private RegionSteward steward;
  private Growths growths;
  private long term;
  private int tick;

  ManagerNode(World world, Rack rack, int ordinal) {
    super(world, "manager-" + ordinal);
    this.rack = rack;
    this.steward = new RegionSteward(this, this);
    this.growths = new Growths(this);
  }

  /** A copy as its component reports it. */
  record HeldCopy(RegionId region, long epoch) {}

  private record Heard(CopyPlace place, int tick, int freePages) {}

  private record Probe(CopyPlace place, int tick) {}

  private record Call(CopyPlace place, RegionId region, long epoch, int tick) {}

  RegionSteward steward() {
    return steward;
  }

  /** Whether a component may go that is being emptied, as far as this manager knows. */
  boolean isEmptied(ComponentId component) {
    return world.plants(Plant.EMPTIED_OF_HOMES_ONLY)
        ? steward.rows().stream().noneMatch(row -> row.home().component().equals(component))
        : steward.copiesOn(component) == 0;
  }

  // Commands.

  void migrate(RegionId region, CopyPlace target) {
    if (steward.migrate(region, target) == null) {
      moving.put(region, target);
      rack.moves.look(region);
    }
  }

  void abort(RegionId region) {
    Moves.State state = moving.containsKey(region) ? rack.moves.stateOf(region) : null;
    if (state != null) {
      givenUp.putIfAbsent(region, state);
    }
    steward.abort(region, GIVEN_UP);
    if (state == Moves.State.RESERVING) {
      // It was given up at once, or not at all.
      givenUp.remove(region);
    }
  }

  /** The target of a move for which pages are being set aside; null when there is none. */
  @Nullable CopyPlace reservesForMove(RegionId region) {
    CopyPlace target = steward.isLeading() ? moving.get(region) : null;
    return target != null && target.equals(reserving.get(region)) ? target : null;
  }

  private void forgetMoves() {
    moving.clear();
    reserving.clear();
    givenUp.clear();
  }

  // Leading.

  @Override
  void tick() {
    tick++;
    if (tick % LEAD_TICKS == 1) {
      askToLead();
    }
    judgeSilence();
    steward.onTick();
    growths.onTick();
    if (tick % LEAD_TICKS == 0) {
      new TreeMap<>(expelling).forEach(this::askToExpel);
    }
  }

  private void askToLead() {
    int mine = start();
    long held = term;
    Authority authority = rack.authority;
    rack.network.send(
        Kind.LEAD,
        this,
        authority,
        () -> authority.lead(index, held, granted -> answerLead(mine, held, granted)));
  }

  private void answerLead(int toStart, long held, long granted) {
    Authority authority = rack.authority;
    List<RegionConfig> rows = granted != held && granted > 0 ? authority.rows() : List.of();
    rack.network.send(
        Kind.LEAD_REPLY, authority, this, () -> onLeadReply(toStart, held, granted, rows));
  }

  private void onLeadReply(int toStart, long held, long granted, List<RegionConfig> rows) {
    if (toStart != start() || held != term) {
      return;
    }
    if (granted == 0) {
      if (steward.isLeading()) {
        steward.onResigned();
      }
      expelling.clear();
      forgetMoves();
      term = 0;
    } else if (granted != term) {
      term = granted;
      forgetMoves();
      world.trace("leads", index, term, rows.size());
      steward.onLeading(term, rows);
    }
  }

  // What it hears.

  void onHeartbeat(CopyPlace place, int freePages, List<HeldCopy> copies) {
    Heard before = heard.get(place.component());
    if (before == null || before.place.boot().value() <= place.boot().value()) {
      heard.put(place.component(), new Heard(place, tick, freePages));
    }
    steward.onPresent(place);
    for (HeldCopy copy : copies) {
      compare(place, copy);
    }
  }

  /**
   * What no row knows, though this manager knows all rows, was an ended process's, unless it is
   * beginning one.
   */
  private void compare(CopyPlace place, HeldCopy copy) {
    if (steward.row(copy.region()) != null) {
      steward.onHeld(place, copy.region(), copy.epoch());
    } else if (expelling.isEmpty() && !world.plants(Plant.ENDED_FORGOTTEN)) {
      steward.onHeldAfterEnd(place, copy.region(), copy.epoch());
    }
  }

  void onCaughtUp(RegionId region, long epoch, CopyPlace learner) {
    steward.onCaughtUp(region, epoch, learner);
  }

  void onHandedOff(RegionConfig successor) {
    steward.onHandedOff(successor);
  }

  void onMemberSuspected(RegionId region, long epoch, CopyPlace member) {
    steward.onMemberSuspected(region, epoch, member);
  }

  void onHomeSuspected(RegionId region, long epoch, CopyPlace home, boolean unreachable) {
    steward.onHomeSuspected(region, epoch, home, unreachable);
  }

  void onResolve(ProcessNode from, RegionId region) {
    RegionConfig row = steward.row(region);
    if (row != null && steward.isLeading()) {
      int mine = start();
      rack.network.send(Kind.TELL, this, from, () -> from.onTell(this, mine, row.grant(), false));
    } else {
      refuseExpelled(from, region);
    }
  }

  private void refuseExpelled(ProcessNode from, RegionId region) {
    if (steward.isLeading() && rack.authority.hasEnded(region)) {
      rack.network.send(Kind.TELL, this, from, () -> from.onExpelled(region));
    }
  }

  /** A process asks for more pages of a region, in all. */
  void onGrow(ProcessNode from, RegionId region, int pages) {
    if (steward.isLeading()) {
      growths.begin(from, region, pages);
      refuseExpelled(from, region);
    }
  }

  /** Takes an incarnation of a process for dead; it is asked for until the authority answers. */
  void expel(ProcessId process, int incarnation) {
    if (steward.isLeading()) {
      expelling.put(process, incarnation);
      askToExpel(process, incarnation);
    }
  }

  private void askToExpel(ProcessId process, int incarnation) {
    int mine = start();
    long ofTerm = steward.term();
    Authority authority = rack.authority;
    rack.network.send(
        Kind.STORE,
        this,
        authority,
        () ->
            authority.expel(
                process,
                incarnation,
                ofTerm,
                gone -> {
                  List<RegionConfig> rows = authority.rows();
                  rack.network.send(
                      Kind.STORE_REPLY,
                      authority,
                      this,
                      () -> onExpelled(mine, ofTerm, process, incarnation, gone, rows));
                }));
  }

  /** Whoever is answered that it does not lead goes on asking: it does not know all rows. */
  private void onExpelled(
      int toStart,
      long ofTerm,
      ProcessId process,
      int incarnation,
      Optional<List<RegionConfig>> gone,
      List<RegionConfig> rows) {
    if (toStart == start()
        && ofTerm == steward.term()
        && steward.isLeading()
        && gone.isPresent()
        && expelling.remove(process, incarnation)) {
      gone.get().forEach(row -> steward.onEnded(row.region()));
      // Of others the rows may be older than what is known here.
      steward.onRows(
          rows.stream()
              .filter(row -> row.process().equals(process) && steward.row(row.region()) == null)
              .toList());
    }
  }

  void onTold(int toStart, RegionId region, long epoch) {
    if (toStart == start()) {
      steward.onTold(region, epoch);
    }
  }

  private void judgeSilence() {
    for (Heard each : heard.values()) {
      if (tick - each.tick >= SILENT_TICKS) {
        steward.onSuspected(each.place);
      }
    }
    for (Probe each : List.copyOf(probes.values())) {
      if (tick - each.tick >= PROBE_TICKS) {
        probes.remove(each.place.component());
        if (world.plants(Plant.LOST_ON_SILENCE)) {
          steward.onBootGone(each.place);
        }
        steward.onProbed(each.place, false);
      }
    }
    for (Call each : List.copyOf(calls)) {
      if (tick - each.tick >= CALL_TICKS) {
        calls.remove(each);
        steward.onSuspected(each.place);
      }
    }
  }

  // Copies.

  @Override
  public void probe(CopyPlace place) {
    if (probes.containsKey(place.component())) {
      return;
    }
    probes.put(place.component(), new Probe(place, tick));
    MemoryNode to = rack.holder(place.component());
    int mine = start();
    rack.network.send(
        Kind.PROBE, this, to, () -> to.onProbe(this, mine), () -> onNobodyThere(mine, place));
  }

  private void onNobodyThere(int toStart, CopyPlace place) {
    if (toStart == start()) {
      probes.remove(place.component());
      steward.onProbed(place, false);
    }
  }

  void onProbeReply(int toStart, CopyPlace place) {
    if (toStart != start()) {
      return;
    }
    probes.remove(place.component());
    steward.onPresent(place);
    steward.onProbed(place, true);
  }

  @Override
  public void reserve(CopyPlace place, RegionConfig row, long ofTerm) {
    reserving.put(row.region(), place);
    rack.moves.look(row.region());
    MemoryNode to = rack.holder(place.component());
    int mine = start();
    rack.network.send(Kind.RESERVE, this, to, () -> to.onReserve(this, mine, place, row, ofTerm));
  }

  void onReserveReply(int toStart, RegionId region, CopyPlace place, boolean made) {
    if (toStart == start()) {
      steward.onReserved(region, place, made);
    }
  }

  @Override
  public void install(CopyPlace place, RegionConfig row, long ofTerm) {
    MemoryNode to = rack.holder(place.component());
    int mine = start();
    calls.add(new Call(place, row.region(), row.epoch(), tick));
    rack.network.send(Kind.INSTALL, this, to, () -> to.onInstall(this, mine, place, row, ofTerm));
    if (world.plants(Plant.INSTALL_NOT_AWAITED)) {
      InstallAnswer taken = new InstallAnswer(InstallAnswer.Kind.INSTALLED, row);
      world.after(this, 1, () -> onInstallReply(mine, row, place, taken));
    }
  }

  void onInstallReply(int toStart, RegionConfig row, CopyPlace place, InstallAnswer answer) {
    if (toStart == start()) {
      calls.removeIf(
          call ->
              call.place.equals(place)
                  && call.region.equals(row.region())
                  && call.epoch <= row.epoch());
      if (!growths.onAnswer(row, place, answer)) {
        steward.onInstallAnswer(row.region(), place, row.epoch(), answer);
      }
    }
  }

  /** Has a holder take a growth that no row has yet. */
  void installGrown(CopyPlace place, RegionConfig grown) {
    MemoryNode to = rack.holder(place.component());
    int mine = start();
    long ofTerm = steward.term();
    rack.network.send(Kind.INSTALL, this, to, () -> to.onInstall(this, mine, place, grown, ofTerm));
  }

  /** Stores a growth that all holders have taken. */
  void storeGrown(ConfigChange change) {
    int mine = start();
    long ofTerm = steward.term();
    askToStore(
        List.of(change),
        ofTerm,
        answer -> {
          if (mine == start() && ofTerm == steward.term()) {
            growths.onStored(change, answer);
          }
        });
  }

  void answerGrowth(ProcessNode to, RegionConfig row, int pages, boolean refused) {
    rack.network.send(Kind.GROW_REPLY, this, to, () -> to.onGrown(row.grant(), pages, refused));
  }

  @Override
  public void release(CopyPlace place, RegionId region, long epoch, long ofTerm) {
    MemoryNode to = rack.holder(place.component());
    rack.network.send(Kind.RELEASE, this, to, () -> to.onRelease(place, region, epoch, ofTerm));
  }

  @Override
  public @Nullable CopyPlace choose(RegionConfig row, Role role, Set<ComponentId> excluded) {
    Heard best = null;
    for (Heard each : heard.values()) {
      boolean fits =
          each.place.component().role() == role
              || (world.plants(Plant.LOG_TAKEN_FOR_MEMORY) && !each.place.isPromotable());
      if (fits
          && !excluded.contains(each.place.component())
          && tick - each.tick < SILENT_TICKS
          && each.freePages >= row.reservedPages()
          && (best == null || each.freePages > best.freePages)) {
        best = each;
      }
    }
    return best == null ? null : best.place;
  }

  // The authority.

  private void askToStore(List<ConfigChange> changes, long ofTerm, Consumer<StoreAnswer> onAnswer) {
    Authority authority = rack.authority;
    rack.network.send(
        Kind.STORE,
        this,
        authority,
        () ->
            authority.store(
                changes,
                ofTerm,
                answer ->
                    rack.network.send(
                        Kind.STORE_REPLY, authority, this, () -> onAnswer.accept(answer))));
  }

  @Override
  public void store(long change, List<ConfigChange> changes) {
    int mine = start();
    long ofTerm = steward.term();
    askToStore(changes, ofTerm, answer -> onStoreReply(mine, ofTerm, change, answer));
    if (world.plants(Plant.UNKNOWN_TAKEN_FOR_SUCCESS)) {
      world.after(this, 5_000, () -> onStoreReply(mine, ofTerm, change, StoreAnswer.STORED));
    }
  }

  private void onStoreReply(int toStart, long ofTerm, long change, StoreAnswer answer) {
    if (toStart != start() || ofTerm != steward.term()) {
      return;
    }
    boolean blind = world.plants(Plant.CONFLICT_TAKEN_FOR_SUCCESS);
    steward.onStored(change, blind && answer == StoreAnswer.CONFLICT ? StoreAnswer.STORED : answer);
  }

  @Override
  public void reload(List<RegionId> regions) {
    int mine = start();
    long ofTerm = steward.term();
    Authority authority = rack.authority;
    rack.network.send(
        Kind.RELOAD,
        this,
        authority,
        () -> {
          List<RegionConfig> rows = authority.rows(regions);
          rack.network.send(
              Kind.RELOAD_REPLY, authority, this, () -> onReloadReply(mine, ofTerm, regions, rows));
        });
  }

  private void onReloadReply(
      int toStart, long ofTerm, List<RegionId> asked, List<RegionConfig> rows) {
    if (toStart == start() && ofTerm == steward.term() && steward.isLeading()) {
      steward.onReloaded(asked, rows);
    }
  }

  // The process, and what is only told.

  @Override
  public void tell(RegionConfig row) {
    ProcessNode to = rack.processOf(row);
    int mine = start();
    rack.network.send(Kind.TELL, this, to, () -> to.onTell(this, mine, row.grant(), true));
  }

  @Override
  public void changed(ConfigChange change) {}

  @Override
  public void settled(RegionConfig row) {}

  @Override
  public void lost(RegionConfig row, String reason) {}

  @Override
  public void migrated(RegionId region, CopyPlace target, @Nullable String error) {
    world.trace("migrated", region.value(), target.component().ordinal(), error == null ? 0 : 1);
    rack.migrated(error == null);
    moving.remove(region);
    reserving.remove(region);
    Moves.State state = givenUp.remove(region);
    if (state != null && GIVEN_UP.equals(error)) {
      world.coverage.moveMet(state, Moves.Fate.ABORTED);
    }
  }

  @Override
  public void resigned(String reason) {
    forgetMoves();
    term = 0;
  }

  @Override
  void erase() {
    heard.clear();
    probes.clear();
    calls.clear();
    expelling.clear();
    forgetMoves();
    term = 0;
    steward = new RegionSteward(this, this);
    growths = new Growths(this);
  }

  @Override
  void begin() {
    tick = 0;
  }
}
