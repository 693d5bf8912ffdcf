package org.splitrack.simulation.internal;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.splitrack.fabric.ComponentId;
import org.splitrack.fabric.ProcessId;
import org.splitrack.fabric.RegionId;
import org.splitrack.fabric.Role;
import org.splitrack.fabric.region.AckMode;
import org.splitrack.fabric.region.CopyPlace;
import org.splitrack.fabric.region.CopyRole;
import org.splitrack.fabric.region.RegionConfig;

/**
 * One seed's rack: an authority, two managers, memory components, processes. It first comes to
 * rest, then works under faults, then the faults stop and everything has to come right.
 */
public final class Rack {
  static final int MEMORIES = 4;
  private static final int LOGS = 2;

  /** To which a region may grow. */
  static final int MOST_PAGES = 10;

  static final int FIRST_INCARNATION = 1;

  private static final int MANAGERS = 2;
  private static final int PROCESSES = 2;

  /** Where a process may run, so that a new incarnation does while the former one only sleeps. */
  private static final int PLACES_A_PROCESS = 2;

  private static final int REGIONS_A_PROCESS = 2;
  private static final long SETTLE_US = 6_000_000;
  private static final long FAULTS_US = 15_000_000;
  private static final long CALM_US = 1_000_000;
  private static final long HEAL_US = 60_000_000;
  private static final long LOOK_US = 250_000;

  final World world;
  final Judge judge = new Judge(this);
  final History history = new History();
  final Authority authority;
  final Network network;
  final List<ManagerNode> managers = new ArrayList<>();
  final List<MemoryNode> memories = new ArrayList<>();

  /** Memories and logs. */
  final List<MemoryNode> holders = new ArrayList<>();

  final List<ProcessNode> processes = new ArrayList<>();
  final Faults faults;
  final Moves moves;
  private final TreeMap<ProcessId, ProcessNode> running = new TreeMap<>();
  private long lastRegion;
  private long operations;
  private int migrations;
  private int failedMigrations;

  public Rack(long seed, Plant plant, Coverage coverage, @Nullable Consumer<String> reader) {
    world = new World(seed, plant, coverage, reader);
    authority = new Authority(world, this);
    for (int i = 0; i < MANAGERS; i++) {
      managers.add(new ManagerNode(world, this, i));
    }
    for (int i = 0; i < MEMORIES; i++) {
      memories.add(newHolder(Role.MCOMPONENT, i, (int) world.between(40, 72)));
    }
    for (int i = 0; i < PROCESSES * PLACES_A_PROCESS; i++) {
      processes.add(new ProcessNode(world, this, i));
    }
    holders.addAll(memories);
    for (int i = 0; i < LOGS; i++) {
      holders.add(newHolder(Role.SCOMPONENT, i, (int) world.between(40, 72)));
    }
    network = new Network(world, world.nodes.size());
    faults = new Faults(this);
    moves = new Moves(this);
  }

  private MemoryNode newHolder(Role role, int ordinal, int capacityPages) {
    return new MemoryNode(world, this, new ComponentId(role, ordinal), capacityPages);
  }

  /**
   * Runs to the end.
   *
   * @throws Violation when a promise is broken
   */
  public void run() {
    grant();
    for (Node node : world.nodes) {
      node.drift(world.between(800, 1_250) / 1e3);
      world.after(null, world.between(0, Node.TICK_US), node::startTicking);
    }
    runUntil(SETTLE_US, true);
    if (judge.unrest() != null) {
      throw new Violation("without any fault " + judge.unrest());
    }
    for (ProcessNode process : processes) {
      process.work(true);
      world.after(null, 0, () -> work(process));
    }
    faults.begin(SETTLE_US + FAULTS_US);
    runUntil(SETTLE_US + FAULTS_US, false);
    faults.end();
    comeToRest();
    if (faults.leaveWithout()) {
      comeToRest();
    } else {
      faults.empty().ifPresent(this::comeToRestWithout);
    }
    history.requireLinearizable(judge);
  }

  /** Goes on working for a while; then everything has to come right. */
  private void comeToRest() {
    processes.forEach(process -> process.work(true));
    runUntil(world.nowUs() + CALM_US, false);
    processes.forEach(process -> process.work(false));
    if (!runUntil(world.nowUs() + HEAL_US, true)) {
      throw new Violation("long after the last fault " + judge.unrest());
    }
  }

  /** Nothing is left on a component that is emptied, so its death is nobody's concern. */
  private void comeToRestWithout(MemoryNode emptied) {
    long limitUs = world.nowUs() + HEAL_US;
    while (!faults.isEmptied(emptied) && world.nowUs() < limitUs) {
      runUntil(world.nowUs() + LOOK_US, false);
    }
    for (RegionConfig row : authority.rows()) {
      // What is lost goes with its process, and what is left to its log waits.
      if (row.state() == RegionConfig.State.ACTIVE
          && !judge.isLeftToItsLog(row)
          && row.roleOf(emptied.place().boot()) != CopyRole.NONE) {
        throw new Violation(emptied + " was to be emptied and holds a copy of " + row);
      }
    }
    world.coverage.happened(Coverage.Event.DRAINED);
    emptied.kill();
    comeToRest();
  }

  /** Two copies for each region, on components in turn; most acknowledge SAFE. */
  private void grant() {
    for (int i = 1; i <= PROCESSES; i++) {
      ProcessId process = new ProcessId(i);
      running.put(process, processes.get(i - 1));
      List<RegionConfig> rows = newRegions(process, FIRST_INCARNATION);
      rows.forEach(running(process)::own);
      authority.insert(rows);
    }
  }

  /** A row of a process's next incarnation is in force: it goes on elsewhere, in new regions. */
  void startAgain(RegionConfig row, long term) {
    ProcessId process = row.process();
    if (running(process).incarnation() < row.incarnation()) {
      running.put(process, otherPlace(process));
      world.coverage.happened(Coverage.Event.EXPELLED);
    }
    running(process).own(row);
    for (CopyPlace place : row.members()) {
      holder(place.component()).installFirst(place, row, term);
    }
    holder(row.home().component()).installFirst(row.home(), row, term);
  }

  /** Whether there is a place for another incarnation of it, and for its memory. */
  boolean canStartAgain(ProcessId process) {
    long ready =
        memories.stream().filter(node -> node.isReady(MOST_PAGES * REGIONS_A_PROCESS)).count();
    return ready >= 2 && otherPlace(process).isUp() && !otherPlace(process).hasProcess();
  }

  private ProcessNode otherPlace(ProcessId process) {
    int first = (int) process.value() - 1;
    ProcessNode one = processes.get(first);
    return running(process).index == one.index ? processes.get(first + PROCESSES) : one;
  }

  /** Where it runs, if it does. */
  ProcessNode running(ProcessId process) {
    ProcessNode node = running.get(process);
    if (node == null) {
      throw new IllegalStateException("there is no process " + process);
    }
    return node;
  }

  /** The first rows of an incarnation, for the authority. */
  List<RegionConfig> newRegions(ProcessId process, int incarnation) {
    List<RegionConfig> rows = new ArrayList<>();
    for (int index = 0; index < REGIONS_A_PROCESS; index++) {
      rows.add(newRegion(process, incarnation, index));
    }
    return rows;
  }

  private RegionConfig newRegion(ProcessId process, int incarnation, int index) {
    int number = (int) ++lastRegion;
    AckMode ack = number % 4 == 1 && world.chance(150) ? AckMode.NONE : AckMode.SAFE;
    ack = number % 4 == 2 && world.chance(150) ? AckMode.LEGO : ack;
    ack = number % 4 == 3 && world.chance(500) ? AckMode.LOGGED : ack;
    List<CopyPlace> places = roomiest(memories, number);
    CopyPlace home = places.get(0);
    List<CopyPlace> secondaries = new ArrayList<>(places.subList(1, ack.copiesWanted()));
    secondaries.addAll(roomiest(logs(), number).subList(0, ack.logsWanted()));
    return RegionConfig.first(
        new RegionId(number),
        process,
        incarnation,
        index,
        0,
        home,
        secondaries,
        (int) world.between(4, MOST_PAGES - 1),
        ack,
        world.chance(150));
  }

  /** In turn, those first that have room for a process. */
  private static List<CopyPlace> roomiest(List<MemoryNode> nodes, int number) {
    List<MemoryNode> sorted = new ArrayList<>(nodes);
    Collections.rotate(sorted, -number);
    sorted.sort(
        Comparator.comparing((MemoryNode node) -> !node.isReady(MOST_PAGES * REGIONS_A_PROCESS)));
    return sorted.stream().map(MemoryNode::place).toList();
  }

  private void work(ProcessNode process) {
    process.begin(world.chance(550));
    if (world.chance(4)) {
      process.grow();
    }
    world.after(null, world.between(500, 12_000), () -> work(process));
  }

  private boolean runUntil(long untilUs, boolean untilRest) {
    long lookUs = world.nowUs() + LOOK_US;
    while (world.nowUs() < untilUs) {
      while (world.step(Math.min(lookUs, untilUs))) {
        judge.check();
      }
      if (lookUs >= untilUs) {
        return judge.unrest() == null;
      }
      world.after(null, lookUs - world.nowUs(), () -> {});
      world.step(lookUs);
      holders.forEach(MemoryNode::requireAccounts);
      if (untilRest && world.nowUs() > LOOK_US * 8 && judge.unrest() == null) {
        return true;
      }
      lookUs += LOOK_US;
    }
    return judge.unrest() == null;
  }

  private List<MemoryNode> logs() {
    return holders.subList(MEMORIES, holders.size());
  }

  /** What holds copies under that name. */
  MemoryNode holder(ComponentId component) {
    return component.role() == Role.SCOMPONENT
        ? logs().get(component.ordinal())
        : memories.get(component.ordinal());
  }

  ProcessNode process(int index) {
    return (ProcessNode) world.nodes.get(index);
  }

  ProcessNode processOf(RegionConfig row) {
    return running(row.process());
  }

  void finished() {
    operations++;
  }

  void migrated(boolean done) {
    if (done) {
      migrations++;
    } else {
      failedMigrations++;
    }
  }

  public long hash() {
    return world.hash();
  }

  public long events() {
    return world.events();
  }

  /** Reads and writes that were answered. */
  public long operations() {
    return operations;
  }

  public int migrations() {
    return migrations;
  }

  public int failedMigrations() {
    return failedMigrations;
  }

  public int kills() {
    return faults.kills();
  }

  /** Regions whose last copy was killed. */
  public int bereft() {
    return judge.bereft();
  }
}
