package org.splitrack.simulation.internal;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.splitrack.fabric.BootId;
import org.splitrack.fabric.ComponentId;
import org.splitrack.fabric.Endpoint;
import org.splitrack.fabric.RegionId;
import org.splitrack.fabric.Role;
import org.splitrack.fabric.region.CopyEffects;
import org.splitrack.fabric.region.CopyPlace;
import org.splitrack.fabric.region.CopyRole;
import org.splitrack.fabric.region.InstallAnswer;
import org.splitrack.fabric.region.Learner;
import org.splitrack.fabric.region.PageVersions;
import org.splitrack.fabric.region.RegionConfig;
import org.splitrack.fabric.region.RegionCopy;
import org.splitrack.fabric.region.ReleasedRegions;
import org.splitrack.fabric.region.Verdict;
import org.splitrack.fabric.wire.Status;

/**
 * An mComponent, or a log on an sComponent: holds copies, each driven by the protocol's {@link
 * RegionCopy}. What becomes of a log when it starts again is as if its disk were empty.
 */
final class MemoryNode extends Node {
  private static final int HEARTBEAT_TICKS = 8;
  private static final int HELD_REPORT_HEARTBEATS = 3;

  /** As many as a home keeps open; what is more waits because of that, not of a hand-off. */
  private static final int FULL_WINDOW_PAGES = 256;

  final ComponentId component;
  private final Rack rack;
  private final int capacityPages;
  private final TreeMap<RegionId, Held> copies = new TreeMap<>();
  private ReleasedRegions released = new ReleasedRegions();
  private CopyPlace place;
  private final Links links;
  private int reservedPages;

  /** Pages that others, of no interest here, have set aside. */
  private int foreignPages;

  private int tick;

  MemoryNode(World world, Rack rack, ComponentId component, int capacityPages) {
    super(world, component.toString());
    this.rack = rack;
    this.capacityPages = capacityPages;
    this.component = component;
    this.place = newPlace();
    this.links = new Links(this);
  }

  private CopyPlace newPlace() {
    return new CopyPlace(
        component, new BootId(1_000L * (number() + 1) + start()), new Endpoint(name, 1));
  }

  /** Among all that hold copies. */
  private int number() {
    int before = component.role() == Role.SCOMPONENT ? Rack.MEMORIES : 0;
    return before + component.ordinal();
  }

  CopyPlace place() {
    return place;
  }

  @Nullable Held held(RegionId region) {
    return copies.get(region);
  }

  List<RegionId> regions() {
    return List.copyOf(copies.keySet());
  }

  int freePages() {
    return capacityPages - foreignPages - reservedPages;
  }

  /** Others take all room but so many pages; until {@link #uncrowd}. */
  void crowd(int leftPages) {
    foreignPages += Math.max(0, freePages() - leftPages);
  }

  void uncrowd() {
    foreignPages = 0;
  }

  /** What is set aside is what the copies have, and no more than there is. */
  void requireAccounts() {
    int pages = 0;
    for (Held held : copies.values()) {
      pages += held.pages;
    }
    if (pages != reservedPages || freePages() < 0) {
      throw new Violation(
          name + " has set " + reservedPages + " pages aside for copies of " + pages);
    }
  }

  /** A write-back as it is on the wire. */
  record WriteRequest(
      ProcessNode from,
      int incarnation,
      BootId boot,
      RegionId region,
      long sequence,
      long epoch,
      int page,
      long version,
      long value) {}

  /** A page read as it is on the wire. */
  record ReadRequest(
      ProcessNode from,
      int incarnation,
      BootId boot,
      RegionId region,
      long sequence,
      long epoch,
      int page) {}

  /** A page for another copy, as it is on the wire. */
  record Replica(
      MemoryNode from,
      long sender,
      BootId boot,
      RegionId region,
      long epoch,
      long sequence,
      long token,
      int page,
      long version,
      long value) {}

  // Requests of processes.

  void onWrite(WriteRequest request) {
    Held held = copies.get(request.region);
    if (!request.boot.equals(place.boot())) {
      answer(request.from, Kind.WRITE_REPLY, request.sequence, Status.STALE_BOOT, 0, 0, 0);
    } else if (held == null) {
      answer(request.from, Kind.WRITE_REPLY, request.sequence, Status.NOT_HOLDER, 0, 0, 0);
    } else {
      write(held, request);
      rack.judge.touch(request.region);
    }
  }

  private void write(Held held, WriteRequest request) {
    RegionCopy copy = held.copy;
    int page = request.page;
    if (resumes(held) && page < held.pages) {
      takeAlone(held, request);
      return;
    }
    held.body = request.value;
    held.forgetful = world.plants(Plant.VERSION_CHECK_SKIPPED);
    Verdict verdict =
        copy.onWrite(
            request.from.index,
            request.sequence,
            request.epoch,
            request.incarnation,
            page,
            request.version);
    held.forgetful = false;
    switch (verdict) {
      case DONE -> commit(held, request.from, Kind.WRITE_REPLY, request.sequence, page);
      case WAIT -> {
        if (world.plants(Plant.ACK_BEFORE_SECONDARY)) {
          commit(held, request.from, Kind.WRITE_REPLY, request.sequence, page);
        }
      }
      case LATER -> {
        if (copy.unacknowledgedPages() >= FULL_WINDOW_PAGES) {
          world.coverage.happened(Coverage.Event.WINDOW_FULL);
        }
        if (world.plants(Plant.FULL_WINDOW_IGNORED)) {
          takeAlone(held, request);
        } else {
          held.park(() -> onWrite(request));
        }
      }
      default ->
          answer(
              request.from,
              Kind.WRITE_REPLY,
              request.sequence,
              verdict.status(),
              copy.successorEpoch(),
              0,
              0);
    }
  }

  private void takeAlone(Held held, WriteRequest request) {
    int page = request.page;
    held.keep(page, Math.max(request.version, held.version(page)), request.value);
    commit(held, request.from, Kind.WRITE_REPLY, request.sequence, page);
  }

  void onRead(ReadRequest request) {
    Held held = copies.get(request.region);
    if (!request.boot.equals(place.boot())) {
      answer(request.from, Kind.READ_REPLY, request.sequence, Status.STALE_BOOT, 0, 0, 0);
    } else if (held == null) {
      Status status = world.plants(Plant.ZEROS_FOR_UNINSTALLED) ? Status.OK : Status.NOT_HOLDER;
      answer(request.from, Kind.READ_REPLY, request.sequence, status, 0, 0, 0);
    } else {
      read(held, request);
      rack.judge.touch(request.region);
    }
  }

  private void read(Held held, ReadRequest request) {
    if (resumes(held) && request.page < held.pages) {
      commit(held, request.from, Kind.READ_REPLY, request.sequence, request.page);
      return;
    }
    Verdict verdict =
        held.copy.onRead(
            request.from.index, request.sequence, request.epoch, request.incarnation, request.page);
    switch (verdict) {
      case DONE -> commit(held, request.from, Kind.READ_REPLY, request.sequence, request.page);
      case WAIT -> {
        if (world.plants(Plant.UNACKNOWLEDGED_READ_EXPOSED)) {
          commit(held, request.from, Kind.READ_REPLY, request.sequence, request.page);
        }
      }
      case LATER -> held.park(() -> onRead(request));
      default ->
          answer(
              request.from,
              Kind.READ_REPLY,
              request.sequence,
              verdict.status(),
              held.copy.successorEpoch(),
              0,
              0);
    }
  }

  private boolean resumes(Held held) {
    return world.plants(Plant.RESUME_AFTER_HANDOFF) && held.copy.successorEpoch() > 0;
  }

  private void commit(Held held, ProcessNode to, Kind kind, long sequence, int page) {
    rack.judge.served(this, held.copy, held.self, kind == Kind.WRITE_REPLY);
    answer(to, kind, sequence, Status.OK, 0, held.versions[page], held.values[page]);
  }

  private void answer(
      ProcessNode to,
      Kind kind,
      long sequence,
      Status status,
      long epoch,
      long version,
      long value) {
    BootId boot = place.boot();
    rack.network.send(
        kind, this, to, () -> to.onReply(boot, sequence, status, epoch, version, value));
  }

  void onPing(ProcessNode from, BootId boot) {
    BootId mine = place.boot();
    if (boot.equals(mine)) {
      rack.network.send(Kind.PING_REPLY, this, from, () -> from.onPong(mine));
    }
  }

  // Replication.

  void onReplica(Replica replica) {
    Held held = copies.get(replica.region);
    BootId mine = place.boot();
    boolean named =
        replica.boot.equals(mine) || (held != null && held.self.boot().equals(replica.boot));
    if (!named || held == null) {
      Status status = named ? Status.NOT_HOLDER : Status.STALE_BOOT;
      answerReplica(replica, status, 0);
      return;
    }
    held.body = replica.value;
    held.forgetful = world.plants(Plant.RECOPY_OVERWRITES_NEWER);
    RegionConfig config = held.copy.config();
    long before = held.copy.epoch();
    boolean open = world.plants(Plant.NO_EPOCH_FENCE) && config != null && !held.copy.isHome();
    Verdict verdict =
        held.copy.onReplicate(
            open && config != null ? config.home().boot().value() : replica.sender,
            open ? held.copy.epoch() : replica.epoch,
            replica.page,
            replica.version);
    held.forgetful = false;
    if (held.copy.epoch() != before) {
      rack.judge.installed(this, held.copy, held.self, before);
    }
    if (verdict == Verdict.DONE) {
      rack.judge.replicaTaken(this, held.copy, held.self, replica.epoch);
    }
    rack.judge.touch(replica.region);
    answerReplica(
        replica,
        verdict.status(),
        verdict == Verdict.DONE
            ? Math.max(
                held.version(replica.page),
                world.plants(Plant.SECONDARY_FORGETS) ? replica.version : 0)
            : 0);
  }

  private void answerReplica(Replica replica, Status status, long version) {
    MemoryNode to = replica.from;
    rack.network.send(
        Kind.REPLICATE_REPLY, this, to, () -> to.onReplicaAnswer(replica, status, version));
  }

  private void onReplicaAnswer(Replica replica, Status status, long version) {
    links.answered(replica.boot, replica.token);
    Held held = copies.get(replica.region);
    if (held == null || held.self.boot().value() != replica.sender) {
      return;
    }
    if (status == Status.OK) {
      held.copy.onReplicaAck(replica.boot.value(), replica.epoch, replica.sequence, version);
    } else {
      held.copy.onReplicaRefused(replica.boot.value(), replica.epoch, replica.sequence, status);
    }
    rack.judge.touch(replica.region);
  }

  private void onHandOff(MemoryNode from, long sender, BootId boot, RegionId region, long epoch) {
    Held held = copies.get(region);
    if (held == null || !boot.equals(place.boot())) {
      return;
    }
    long before = held.copy.epoch();
    if (held.copy.onHandOff(sender, epoch) == Verdict.DONE) {
      rack.judge.installed(this, held.copy, held.self, before);
      rack.judge.tookOver(held.copy);
      Arrays.fill(held.forgotten, world.plants(Plant.VERSIONS_LOST_IN_MOVE));
      long mine = boot.value();
      rack.network.send(
          Kind.HANDOFF_REPLY, this, from, () -> from.onHandOffReply(region, mine, epoch));
    }
    rack.judge.touch(region);
  }

  private void onHandOffReply(RegionId region, long sender, long epoch) {
    Held held = copies.get(region);
    if (held != null) {
      held.copy.onHandOffAcknowledged(sender, epoch);
    }
  }

  // The manager's calls.

  void onProbe(ManagerNode from, int managerStart) {
    CopyPlace mine = place;
    rack.network.send(Kind.PROBE_REPLY, this, from, () -> from.onProbeReply(managerStart, mine));
  }

  void onReserve(ManagerNode from, int managerStart, CopyPlace to, RegionConfig row, long term) {
    if (!to.boot().equals(place.boot())) {
      sayWhoIAm(from, managerStart);
      return;
    }
    Held held = copies.get(row.region());
    boolean may = held != null || released.mayReserve(row.region(), row.epoch());
    boolean made = may && hold(row.region(), place, row.reservedPages());
    Held now = copies.get(row.region());
    if (made && now != null) {
      now.reservedAt = Math.max(now.reservedAt, row.epoch());
      now.copy.onReserve(row.epoch(), term);
    }
    rack.network.send(
        Kind.RESERVE_REPLY,
        this,
        from,
        () -> from.onReserveReply(managerStart, row.region(), to, made));
  }

  /** Sets that many pages aside for a region, in all. */
  private boolean hold(RegionId region, CopyPlace self, int pages) {
    Held held = copies.get(region);
    int more = held == null ? pages : pages - held.pages;
    if (more > freePages()) {
      return false;
    }
    if (held == null) {
      held = new Held(region, self);
      copies.put(region, held);
    }
    if (more > 0) {
      held.pages += more;
      reservedPages += more;
    }
    return true;
  }

  private void giveBack(Held held) {
    reservedPages -= held.pages;
    copies.remove(held.copy.region());
  }

  void onInstall(ManagerNode from, int managerStart, CopyPlace to, RegionConfig row, long term) {
    if (!to.boot().equals(place.boot()) && !world.plants(Plant.STALE_BOOT_ACCEPTED)) {
      sayWhoIAm(from, managerStart);
      return;
    }
    InstallAnswer answer = install(to, row, term);
    rack.judge.touch(row.region());
    rack.network.send(
        Kind.INSTALL_REPLY, this, from, () -> from.onInstallReply(managerStart, row, to, answer));
  }

  private InstallAnswer install(CopyPlace to, RegionConfig row, long term) {
    Held present = copies.get(row.region());
    boolean fresh = present == null;
    boolean pretends = fresh && !to.boot().equals(place.boot());
    if (fresh && !pretends && !mayBegin(row, to)) {
      return new InstallAnswer(InstallAnswer.Kind.NOT_HELD, null);
    }
    hold(row.region(), to, row.reservedPages());
    Held held = copies.get(row.region());
    if (held == null || held.pages < row.reservedPages()) {
      return new InstallAnswer(InstallAnswer.Kind.FULL, held == null ? null : held.copy.config());
    }
    if (pretends) {
      held.pretendToHave(row, term);
    }
    long before = held.copy.epoch();
    long heard = held.copy.term();
    long passed = world.plants(Plant.STALE_TERM_ACCEPTED) ? Math.max(term, heard) : term;
    InstallAnswer answer = held.copy.onInstall(row, passed);
    world.trace("install", row.region().value(), row.epoch(), answer.kind().name().length());
    world.note("  " + name + " " + answer.kind() + " " + row);
    if (answer.kind() == InstallAnswer.Kind.INSTALLED) {
      rack.judge.termUsed(name, term, heard);
      rack.judge.installed(this, held.copy, held.self, before);
      rack.moves.look(row.region());
      held.reportEarly();
    } else if (fresh) {
      giveBack(held);
    }
    return answer;
  }

  /** Whether it answers, and could hold that many pages more. */
  boolean isReady(int pages) {
    return isUp() && !isPaused() && freePages() >= pages;
  }

  /** The first configuration of a region, unless that start or its room has gone meanwhile. */
  void installFirst(CopyPlace to, RegionConfig row, long term) {
    if (isUp() && to.equals(place)) {
      install(to, row, term);
    }
  }

  private boolean mayBegin(RegionConfig row, CopyPlace to) {
    return world.plants(Plant.LATE_INSTALL_BEGINS)
        ? row.epoch() == RegionConfig.FIRST_EPOCH || row.roleOf(to.boot()) == CopyRole.LEARNER
        : released.mayBegin(row, to.boot());
  }

  /** To a call that is meant for another start of this component. */
  private void sayWhoIAm(ManagerNode to, int managerStart) {
    CopyPlace mine = place;
    rack.network.send(Kind.PROBE_REPLY, this, to, () -> to.onProbeReply(managerStart, mine));
  }

  void onRelease(CopyPlace to, RegionId region, long epoch, long term) {
    Held held = copies.get(region);
    if (held == null || !to.boot().equals(place.boot())) {
      return;
    }
    long at = world.plants(Plant.RELEASE_WITHOUT_EPOCH) ? Long.MAX_VALUE : epoch;
    if (held.copy.onRelease(at, term)) {
      world.trace("released", index, region.value(), epoch);
      giveBack(held);
      released.add(region, epoch);
      held.readmit();
    }
    rack.judge.touch(region);
  }

  /** A link has room again. */
  void ready(BootId member) {
    for (Held held : List.copyOf(copies.values())) {
      held.copy.onMemberReady(member.value());
      rack.judge.touch(held.copy.region());
    }
  }

  // Its own life.

  @Override
  void tick() {
    tick++;
    if (tick % HEARTBEAT_TICKS == 1) {
      heartbeat(tick % (HEARTBEAT_TICKS * HELD_REPORT_HEARTBEATS) == 1);
    }
    links.tick();
    for (Held held : List.copyOf(copies.values())) {
      if (held.copy.wantsTicks()) {
        held.copy.onTick();
        rack.judge.touch(held.copy.region());
      }
    }
  }

  private void heartbeat(boolean withCopies) {
    List<ManagerNode.HeldCopy> report = new ArrayList<>();
    if (withCopies) {
      for (Held held : copies.values()) {
        report.add(
            new ManagerNode.HeldCopy(
                held.copy.region(), Math.max(held.copy.epoch(), held.reservedAt)));
      }
    }
    CopyPlace mine = place;
    int free = freePages();
    for (ManagerNode manager : rack.managers) {
      rack.network.send(
          Kind.HEARTBEAT, this, manager, () -> manager.onHeartbeat(mine, free, report));
    }
  }

  @Override
  void erase() {
    for (RegionId region : copies.keySet()) {
      rack.judge.touch(region);
    }
    copies.clear();
    links.clear();
    reservedPages = 0;
  }

  @Override
  void begin() {
    place = newPlace();
    released = new ReleasedRegions();
    tick = 0;
  }

  /** One copy with its pages. */
  final class Held implements CopyEffects, PageVersions {
    final RegionCopy copy;
    final CopyPlace self;
    final long[] versions = new long[Rack.MOST_PAGES];
    final long[] values = new long[Rack.MOST_PAGES];
    final boolean[] forgotten = new boolean[Rack.MOST_PAGES];
    int pages;
    private final Deque<Runnable> parked = new ArrayDeque<>();
    private final TreeSet<Long> reportedCaughtUp = new TreeSet<>();
    private boolean admitting;
    private long body;
    private boolean forgetful;
    private long reservedAt;

    Held(RegionId region, CopyPlace self) {
      this.self = self;
      this.copy = new RegionCopy(region, self, this, this);
    }

    private void keep(int page, long version, long value) {
      versions[page] = version;
      values[page] = value;
      forgotten[page] = false;
    }

    /** What a start would look like that believes to be the one that had the pages. */
    private void pretendToHave(RegionConfig row, long term) {
      copy.onInstall(
          RegionConfig.first(
              row.region(),
              row.process(),
              row.incarnation(),
              row.index(),
              term,
              row.home(),
              row.members(),
              row.reservedPages(),
              row.ack(),
              row.strict()),
          term);
    }

    private void park(Runnable request) {
      parked.add(request);
    }

    private void readmit() {
      if (!parked.isEmpty() && !admitting) {
        admitting = true;
        world.after(MemoryNode.this, 0, this::admit);
      }
    }

    /** One after the other, until there is no room for one; it stays the first. */
    private void admit() {
      admitting = false;
      for (int left = parked.size(); left > 0; left--) {
        Runnable request = parked.removeFirst();
        int others = parked.size();
        request.run();
        if (parked.size() > others) {
          parked.addFirst(parked.removeLast());
          return;
        }
      }
    }

    @Override
    public long version(int page) {
      return forgetful || page >= pages || forgotten[page] ? 0 : versions[page];
    }

    @Override
    public int nextVersioned(int fromPage) {
      for (int page = fromPage; page < pages; page++) {
        if (versions[page] > 0) {
          return page;
        }
      }
      return -1;
    }

    @Override
    public void store(RegionCopy from, int page, long version) {
      if (world.plants(Plant.SECONDARY_FORGETS) && !copy.isHome() && world.chance(100)) {
        return;
      }
      rack.judge.pageStored(MemoryNode.this, copy, page, versions[page], version);
      keep(page, version, body);
    }

    @Override
    public void erase(RegionCopy from) {
      if (!world.plants(Plant.OLD_PAGES_KEPT)) {
        Arrays.fill(versions, 0);
        Arrays.fill(values, 0);
      }
    }

    @Override
    public void replyRead(RegionCopy from, long origin, long sequence, int page) {
      commit(this, rack.process((int) origin), Kind.READ_REPLY, sequence, page);
    }

    @Override
    public void replyWrite(RegionCopy from, long origin, long sequence, int page) {
      commit(this, rack.process((int) origin), Kind.WRITE_REPLY, sequence, page);
    }

    @Override
    public void unprotected(RegionCopy from) {}

    @Override
    public void dropped(RegionCopy from) {}

    @Override
    public void refuse(
        RegionCopy from, long origin, long sequence, int page, boolean write, Verdict refusal) {
      answer(
          rack.process((int) origin),
          write ? Kind.WRITE_REPLY : Kind.READ_REPLY,
          sequence,
          refusal.status(),
          0,
          0,
          0);
    }

    @Override
    public void roomAgain(RegionCopy from) {
      readmit();
    }

    @Override
    public boolean replicate(RegionCopy from, CopyPlace member, long sequence, int page) {
      if (isNotCounted(member, page)) {
        acknowledgeUnsent(member, sequence, page);
        return true;
      }
      long token = links.room(member.boot());
      if (token == Links.NONE) {
        return missesLink(member, sequence, page);
      }
      MemoryNode to = rack.holder(member.component());
      Replica replica =
          new Replica(
              MemoryNode.this,
              self.boot().value(),
              member.boot(),
              copy.region(),
              copy.epoch(),
              sequence,
              token,
              page,
              versions[page],
              values[page]);
      rack.network.send(
          Kind.REPLICATE,
          MemoryNode.this,
          to,
          () -> to.onReplica(replica),
          () -> onRefused(member));
      return true;
    }

    private boolean missesLink(CopyPlace member, long sequence, int page) {
      world.coverage.happened(Coverage.Event.LINK_FULL);
      if (world.plants(Plant.FULL_LINK_TAKEN_FOR_SENT)) {
        acknowledgeUnsent(member, sequence, page);
        return true;
      }
      return false;
    }

    private void acknowledgeUnsent(CopyPlace member, long sequence, int page) {
      world.after(
          MemoryNode.this,
          1,
          () -> copy.onReplicaAck(member.boot().value(), copy.epoch(), sequence, versions[page]));
    }

    private void onRefused(CopyPlace member) {
      if (copies.get(copy.region()) == this) {
        copy.onMemberLost(member.boot().value());
      }
    }

    private boolean isNotCounted(CopyPlace member, int page) {
      if (world.plants(Plant.LOG_NOT_COUNTED) && !member.isPromotable()) {
        return true;
      }
      RegionConfig config = copy.config();
      Learner learner = config == null ? null : config.learner();
      if (learner == null || !learner.place().equals(member)) {
        return false;
      }
      return switch (world.plant) {
        case LEARNER_NOT_COUNTED -> reportedCaughtUp.contains(copy.epoch());
        case HANDOFF_WITHOUT_LAST_PAGES ->
            learner.purpose() == Learner.Purpose.HOME && page % 4 == 0;
        default -> false;
      };
    }

    @Override
    public void handOff(RegionCopy from, CopyPlace target, long successorEpoch) {
      MemoryNode to = rack.holder(target.component());
      long sender = self.boot().value();
      RegionId region = copy.region();
      rack.moves.look(region);
      rack.network.send(
          Kind.HANDOFF,
          MemoryNode.this,
          to,
          () -> to.onHandOff(MemoryNode.this, sender, target.boot(), region, successorEpoch));
    }

    @Override
    public void caughtUp(RegionCopy from, CopyPlace learner) {
      reportedCaughtUp.add(copy.epoch());
      long epoch = copy.epoch();
      RegionId region = copy.region();
      tellManagers(Kind.CAUGHT_UP, manager -> manager.onCaughtUp(region, epoch, learner));
    }

    /** The planted report that comes with the configuration. */
    void reportEarly() {
      RegionConfig config = copy.config();
      if (world.plants(Plant.PROMOTE_NOT_IN_SYNC)
          && copy.isHome()
          && config != null
          && config.learner() != null) {
        caughtUp(copy, config.learner().place());
      }
    }

    @Override
    public void handedOff(RegionCopy from) {
      RegionConfig config = copy.config();
      if (config != null) {
        tellManagers(Kind.HANDED_OFF, manager -> manager.onHandedOff(config));
      }
    }

    @Override
    public void suspect(RegionCopy from, CopyPlace member) {
      long epoch = copy.epoch();
      RegionId region = copy.region();
      tellManagers(
          Kind.MEMBER_SUSPECTED, manager -> manager.onMemberSuspected(region, epoch, member));
    }

    private void tellManagers(Kind kind, Consumer<ManagerNode> message) {
      for (ManagerNode manager : rack.managers) {
        rack.network.send(kind, MemoryNode.this, manager, () -> message.accept(manager));
      }
    }
  }
}
