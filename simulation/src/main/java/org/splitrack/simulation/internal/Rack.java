package org.splitrack.simulation.internal;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.splitrack.fabric.ComponentId;
import org.splitrack.fabric.ProcessId;
import org.splitrack.fabric.RegionId;
import org.splitrack.fabric.region.AckMode;
import org.splitrack.fabric.region.CopyPlace;
import org.splitrack.fabric.region.RegionConfig;

/**
 * One seed's rack: an authority, two managers, memory components, processes. It first comes to
 * rest, then works under faults, then the faults stop and everything has to come right.
 */
public final class Rack {
  static final int INCARNATION = 1;
  static final int MEMORIES = 4;
  static final int PAGES = 8;
  private static final int MANAGERS = 2;
  private static final int PROCESSES = 2;
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
  final List<ProcessNode> processes = new ArrayList<>();
  final Faults faults;
  private long operations;
  private int migrations;
  private int failedMigrations;

  public Rack(long seed, Plant plant, Coverage coverage, @Nullable Consumer<String> reader) {
    world = new World(seed, plant, coverage, reader);
    authority = new Authority(world, judge);
    for (int i = 0; i < MANAGERS; i++) {
      managers.add(new ManagerNode(world, this, i));
    }
    for (int i = 0; i < MEMORIES; i++) {
      memories.add(new MemoryNode(world, this, i, (int) world.between(5, 9) * PAGES));
    }
    for (int i = 0; i < PROCESSES; i++) {
      processes.add(new ProcessNode(world, this, i));
    }
    network = new Network(world, world.nodes.size());
    faults = new Faults(this);
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
      world.after(process, 0, () -> work(process));
    }
    faults.begin(SETTLE_US + FAULTS_US);
    runUntil(SETTLE_US + FAULTS_US, false);
    faults.end();
    comeToRest();
    if (faults.leaveWithout()) {
      comeToRest();
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

  /** Two copies for each region, on components in turn; most acknowledge SAFE. */
  private void grant() {
    for (int i = 0; i < PROCESSES * REGIONS_A_PROCESS; i++) {
      AckMode ack = i == 0 && world.chance(150) ? AckMode.NONE : AckMode.SAFE;
      ack = i == 1 && world.chance(150) ? AckMode.LEGO : ack;
      CopyPlace home = memories.get(i % MEMORIES).place();
      CopyPlace secondary = memories.get((i + 1) % MEMORIES).place();
      RegionConfig row =
          RegionConfig.first(
              new RegionId(i + 1),
              new ProcessId(1 + i % PROCESSES),
              INCARNATION,
              i / PROCESSES,
              0,
              home,
              ack == AckMode.NONE ? List.of() : List.of(secondary),
              PAGES,
              ack,
              world.chance(150));
      authority.insert(row);
      processOf(row).own(row);
    }
  }

  private void work(ProcessNode process) {
    process.begin(world.chance(550));
    world.after(process, world.between(500, 12_000), () -> work(process));
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
      memories.forEach(MemoryNode::requireAccounts);
      if (untilRest && world.nowUs() > LOOK_US * 8 && judge.unrest() == null) {
        return true;
      }
      lookUs += LOOK_US;
    }
    return judge.unrest() == null;
  }

  MemoryNode memory(ComponentId component) {
    return memories.get(component.ordinal());
  }

  ProcessNode process(int index) {
    return (ProcessNode) world.nodes.get(index);
  }

  ProcessNode processOf(RegionConfig row) {
    return processes.get((int) row.process().value() - 1);
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
