package org.splitrack.simulation.internal;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.splitrack.fabric.BootId;
import org.splitrack.fabric.RegionId;
import org.splitrack.fabric.region.AccessEffects;
import org.splitrack.fabric.region.AccessGrant;
import org.splitrack.fabric.region.RegionAccess;
import org.splitrack.fabric.region.RegionConfig;
import org.splitrack.fabric.wire.Status;

/**
 * A process on a pComponent: reads pages and writes them back, several at a time, the reads and the
 * write-backs by two threads that share a table of grants. Every value written is written once.
 */
final class ProcessNode extends Node {
  private static final int MOST_OPEN = 6;
  private static final int PING_TICKS = 5;
  private static final int PONG_TICKS = 4;

  /** A thread may be that much behind another that has heard the same. */
  private static final long SLOWEST_THREAD_US = 100_000;

  /** Between two requests for the same growth. */
  private static final int GROW_TICKS = 10;

  private final Rack rack;
  private final TreeMap<Long, Operation> open = new TreeMap<>();
  private final List<Area> areas = new ArrayList<>();
  private long lastSequence;
  private long lastValue;
  private int incarnation;
  private boolean works;

  ProcessNode(World world, Rack rack, int ordinal) {
    super(world, "process-" + ordinal);
    this.rack = rack;
  }

  /** One of its regions. */
  private final class Area {
    final RegionId region;
    final long[] newestVersion = new long[Rack.MOST_PAGES];
    int wantedPages;
    int askedTick;
    AccessGrant shared;
    final Accessor reads;
    final Accessor writes;

    Area(RegionConfig row) {
      this.region = row.region();
      this.shared = row.grant();
      this.reads = new Accessor(this, shared);
      this.writes = new Accessor(this, shared);
    }
  }

  /** What one thread knows of a region. */
  private final class Accessor implements AccessEffects {
    final Area area;
    final RegionAccess access;
    int silentTicks;
    int pingTicks = -1;
    BootId awaited;

    Accessor(Area area, AccessGrant grant) {
      this.area = area;
      this.access = new RegionAccess(grant, this);
      this.awaited = grant.home().boot();
    }

    /** Looks at the table before each request: another thread may know more. */
    void follow() {
      boolean alone = world.plants(Plant.GRANT_NOT_SHARED) && this.equals(area.reads);
      if (!alone) {
        access.onGrant(area.shared);
      }
    }

    @Override
    public void repeat(RegionAccess from) {
      for (Operation operation : List.copyOf(open.values())) {
        if (operation.thread != this) {
          continue;
        }
        long sequence = operation.sequence;
        if (world.plants(Plant.UNACKNOWLEDGED_TAIL_DROPPED) && operation.write) {
          open.remove(sequence);
          finish(operation, 0, operation.version);
        } else {
          long delayUs = world.chance(800) ? 0 : world.between(0, SLOWEST_THREAD_US);
          world.after(ProcessNode.this, delayUs, () -> sendAgain(operation, sequence));
        }
      }
    }

    @Override
    public void resolve(RegionId region) {
      for (ManagerNode manager : rack.managers) {
        rack.network.send(
            Kind.RESOLVE,
            ProcessNode.this,
            manager,
            () -> manager.onResolve(ProcessNode.this, region));
      }
    }

    @Override
    public void suspect(RegionAccess from, boolean unreachable) {
      AccessGrant grant = from.grant();
      for (ManagerNode manager : rack.managers) {
        rack.network.send(
            Kind.HOME_SUSPECTED,
            ProcessNode.this,
            manager,
            () ->
                manager.onHomeSuspected(grant.region(), grant.epoch(), grant.home(), unreachable));
      }
    }

    @Override
    public void adopted(AccessGrant grant) {
      if (grant.supersedes(area.shared)) {
        area.shared = grant;
      }
    }

    @Override
    public void failed(RegionAccess from, Status status, String reason) {
      rack.judge.gaveUp(area.region, reason);
      open.values().removeIf(operation -> operation.thread.area == area);
    }

    int openCount() {
      int count = 0;
      for (Operation operation : open.values()) {
        if (operation.thread == this) {
          count++;
        }
      }
      return count;
    }

    void onTick() {
      follow();
      int count = openCount();
      access.onTick(count);
      if (count == 0) {
        silentTicks = 0;
        pingTicks = -1;
        return;
      }
      BootId home = access.grant().home().boot();
      if (!home.equals(awaited)) {
        awaited = home;
        silentTicks = 0;
        pingTicks = -1;
      }
      if (pingTicks >= 0 && ++pingTicks >= PONG_TICKS) {
        pingTicks = -1;
        silentTicks = 0;
        access.onHomeLost();
      } else if (++silentTicks >= PING_TICKS && pingTicks < 0) {
        pingTicks = 0;
        ping();
      }
    }

    private void ping() {
      MemoryNode home = rack.holder(access.grant().home().component());
      BootId boot = access.grant().home().boot();
      rack.network.send(
          Kind.PING, ProcessNode.this, home, () -> home.onPing(ProcessNode.this, boot));
    }
  }

  /** A read or a write-back that is under way. */
  private static final class Operation {
    final Accessor thread;
    final boolean write;
    final int page;
    final long version;
    final long value;
    final History.Entry entry;
    long sequence;
    long epoch;

    Operation(
        Accessor thread, boolean write, int page, long version, long value, History.Entry entry) {
      this.thread = thread;
      this.write = write;
      this.page = page;
      this.version = version;
      this.value = value;
      this.entry = entry;
    }
  }

  /** A process of which this is a region begins here, or has begun. */
  void own(RegionConfig row) {
    incarnation = row.incarnation();
    areas.add(new Area(row));
  }

  /** Of the process that runs here, or ran here last. */
  int incarnation() {
    return incarnation;
  }

  boolean hasProcess() {
    return !areas.isEmpty();
  }

  void work(boolean newWorks) {
    works = newWorks;
  }

  /** Asks for more pages of a region, until it has them or is refused. */
  void grow() {
    if (!works || isPaused() || areas.isEmpty()) {
      return;
    }
    Area area = world.pick(areas);
    if (area.shared.reservedPages() < Rack.MOST_PAGES && area.wantedPages == 0) {
      area.wantedPages =
          (int) world.between(area.shared.reservedPages() + 1L, Rack.MOST_PAGES + 1L);
      area.askedTick = GROW_TICKS;
    }
  }

  private boolean isGrowing(Area area) {
    return area.wantedPages > 0 && !area.reads.access.hasFailed();
  }

  private void askToGrow(Area area) {
    if (!isGrowing(area) || ++area.askedTick < GROW_TICKS) {
      return;
    }
    area.askedTick = 0;
    int pages = area.wantedPages;
    for (ManagerNode manager : rack.managers) {
      rack.network.send(Kind.GROW, this, manager, () -> manager.onGrow(this, area.region, pages));
    }
  }

  /** An answer to a request for more pages; a late one may be about fewer than are there. */
  void onGrown(AccessGrant grant, int pages, boolean refused) {
    for (Area area : areas) {
      if (area.region.equals(grant.region())) {
        adopt(area, grant);
        if (area.wantedPages == pages && (refused || area.shared.reservedPages() >= pages)) {
          area.wantedPages = 0;
          world.coverage.happened(refused ? Coverage.Event.GROWTH_REFUSED : Coverage.Event.GROWN);
        }
      }
    }
  }

  /** A manager does not know the region, for this incarnation was expelled: it ends. */
  void onExpelled(RegionId region) {
    if (areas.stream().anyMatch(area -> area.region.equals(region))) {
      rack.judge.ended(region);
      world.trace("expelled", index, region.value(), incarnation);
      world.coverage.happened(Coverage.Event.EXPELLED_AWAKE);
      erase();
    }
  }

  /**
   * What it has no answer to; null when nothing.
   *
   * @param excused regions that nobody can answer for
   */
  @Nullable String waitsFor(Predicate<RegionId> excused) {
    StringBuilder text = new StringBuilder();
    for (Operation operation : open.values()) {
      if (!excused.test(operation.thread.area.region)) {
        text.append(operation.write ? " write of page " : " read of page ")
            .append(operation.page)
            .append(" of region ")
            .append(operation.thread.area.region);
      }
    }
    for (Area area : areas) {
      if (isGrowing(area) && !excused.test(area.region)) {
        text.append(" more pages of region ").append(area.region);
      }
    }
    return text.isEmpty() ? null : text.toString();
  }

  /** Begins another operation, if it may. */
  void begin(boolean write) {
    if (works && isUp() && !isPaused() && open.size() < MOST_OPEN && !areas.isEmpty()) {
      begin(write, world.pick(areas));
    }
  }

  /** Writes more pages back than a home keeps open, one after the other and with no pause. */
  void flood(RegionId region, int writes) {
    for (Area area : areas) {
      for (int i = 0; i < writes && area.region.equals(region); i++) {
        world.after(this, i * Network.USUAL_US, () -> goOnWriting(area));
      }
    }
  }

  private void goOnWriting(Area area) {
    if (works && areas.contains(area)) {
      begin(true, area);
    }
  }

  private void begin(boolean write, Area area) {
    Accessor thread = write ? area.writes : area.reads;
    thread.follow();
    if (thread.access.hasFailed()) {
      return;
    }
    int page = world.chance.nextInt(area.shared.reservedPages());
    long version = write ? ++area.newestVersion[page] : 0;
    long value = write ? ++lastValue * 100 + index : 0;
    History.Entry entry = rack.history.invoke(area.region, page, write, value, world.nowUs());
    send(new Operation(thread, write, page, version, value, entry));
  }

  private void send(Operation operation) {
    RegionAccess access = operation.thread.access;
    long sequence = ++lastSequence;
    operation.sequence = sequence;
    operation.epoch = access.epoch();
    open.put(sequence, operation);
    AccessGrant grant = access.grant();
    MemoryNode home = rack.holder(grant.home().component());
    BootId boot = grant.home().boot();
    RegionId region = grant.region();
    if (operation.write) {
      MemoryNode.WriteRequest request =
          new MemoryNode.WriteRequest(
              this,
              incarnation,
              boot,
              region,
              sequence,
              operation.epoch,
              operation.page,
              operation.version,
              operation.value);
      rack.network.send(
          Kind.WRITE, this, home, () -> home.onWrite(request), () -> onRefused(sequence));
    } else {
      MemoryNode.ReadRequest request =
          new MemoryNode.ReadRequest(
              this, incarnation, boot, region, sequence, operation.epoch, operation.page);
      rack.network.send(
          Kind.READ, this, home, () -> home.onRead(request), () -> onRefused(sequence));
    }
  }

  /** Unless it was answered, or sent again already. */
  private void sendAgain(Operation operation, long sequence) {
    if (open.remove(sequence, operation)) {
      send(operation);
    }
  }

  private void onRefused(long sequence) {
    Operation operation = open.get(sequence);
    if (operation != null) {
      operation.thread.access.onHomeLost();
    }
  }

  void onReply(BootId from, long sequence, Status status, long epoch, long version, long value) {
    Operation operation = open.get(sequence);
    if (operation == null) {
      return;
    }
    Accessor thread = operation.thread;
    world.trace("answer", thread.area.region.value(), status.code(), operation.epoch);
    thread.silentTicks = 0;
    thread.follow();
    if (open.get(sequence) == null) {
      return;
    }
    boolean complete = thread.access.onReply(operation.epoch, status, epoch);
    if (complete) {
      open.remove(sequence);
      finish(operation, value, operation.write ? operation.version : version);
    }
  }

  private void finish(Operation operation, long value, long version) {
    RegionId region = operation.thread.area.region;
    rack.history.complete(
        operation.entry, operation.write ? operation.value : value, world.nowUs());
    if (operation.write) {
      rack.judge.acknowledged(region, operation.page, version);
    }
    rack.finished();
  }

  void onPong(BootId from) {
    for (Area area : areas) {
      heardFrom(area.reads, from);
      heardFrom(area.writes, from);
    }
  }

  private static void heardFrom(Accessor thread, BootId from) {
    if (thread.access.grant().home().boot().equals(from)) {
      thread.pingTicks = -1;
      thread.silentTicks = 0;
    }
  }

  /** A grant from a manager; its answer says what is known now. */
  void onTell(ManagerNode manager, int managerStart, AccessGrant grant, boolean answer) {
    for (Area area : areas) {
      if (area.region.equals(grant.region())) {
        adopt(area, grant);
        long known = area.shared.epoch();
        if (answer) {
          rack.network.send(
              Kind.TELL_REPLY,
              this,
              manager,
              () -> manager.onTold(managerStart, grant.region(), known));
        }
      }
    }
  }

  private static void adopt(Area area, AccessGrant grant) {
    if (grant.supersedes(area.shared)) {
      area.shared = grant;
    }
    area.reads.follow();
    area.writes.follow();
  }

  @Nullable AccessGrant grant(RegionId region) {
    for (Area area : areas) {
      if (area.region.equals(region)) {
        return area.shared;
      }
    }
    return null;
  }

  @Override
  void tick() {
    for (Area area : List.copyOf(areas)) {
      askToGrow(area);
      area.reads.onTick();
      area.writes.onTick();
    }
  }

  @Override
  void erase() {
    open.clear();
    areas.clear();
  }

  @Override
  void begin() {}
}
