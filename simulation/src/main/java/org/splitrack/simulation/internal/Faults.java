package org.splitrack.simulation.internal;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.splitrack.fabric.RegionId;
import org.splitrack.fabric.region.CopyPlace;
import org.splitrack.fabric.region.CopyRole;
import org.splitrack.fabric.region.RegionConfig;

/** What befalls a rack: kills, pauses, cuts, bad weather; and operators who move things about. */
final class Faults {
  /** How long what is killed stays dead, at most. */
  private static final long AWAY_US = 3_000_000;

  private static final long LASTING_US = 20_000_000;

  private final Rack rack;
  private final World world;
  private final List<Runnable> mends = new ArrayList<>();
  private final boolean reckless;
  private final boolean refusing;

  /** What is killed is away for many of the other faults. */
  private final boolean lasting;

  private final long pauseBetweenUs;

  /** It takes many events, so that not every rack has one. */
  private boolean floodToCome;

  private long untilUs;
  private int kills;
  private boolean ended;
  private @Nullable MemoryNode abandoned;

  Faults(Rack rack) {
    this.rack = rack;
    this.world = rack.world;
    this.reckless = world.chance(200);
    this.refusing = world.chance(500);
    this.lasting = world.chance(250);
    this.floodToCome = world.chance(250);
    this.pauseBetweenUs = world.between(60_000, 600_000);
  }

  int kills() {
    return kills;
  }

  void begin(long endUs) {
    untilUs = endUs;
    int badness = (int) world.between(0, 4);
    rack.network.weather(
        badness * (int) world.between(0, 25),
        badness * (int) world.between(0, 25),
        badness * (int) world.between(0, 40),
        refusing);
    if (world.chance(600)) {
      // While the first configurations are in force still.
      handOver();
    }
    next();
  }

  /** A rack at rest is left without one memory component, or one manager, or both. */
  boolean leaveWithout() {
    boolean left = false;
    if (world.chance(300)) {
      left = doWithout(world.pick(rack.holders));
    }
    if (world.chance(300)) {
      world.pick(rack.managers).kill();
      left = true;
    }
    return left;
  }

  /** One memory component is dead, or unheard of, from now on. */
  private boolean doWithout(MemoryNode node) {
    if (!rack.judge.canDoWithout(node)) {
      return false;
    }
    abandoned = node;
    if (world.chance(500)) {
      node.kill();
      return true;
    }
    for (Node other : world.nodes) {
      if (other.index != node.index) {
        rack.network.cut(node, other);
        rack.network.cut(other, node);
      }
    }
    return true;
  }

  boolean isAbandoned(MemoryNode node) {
    return abandoned != null && abandoned.index == node.index;
  }

  /** Everything is mended and stays so. */
  void end() {
    ended = true;
    rack.network.disarm();
    rack.moves.disarm();
    rack.network.weather(0, 0, 0, refusing);
    List.copyOf(mends).forEach(Runnable::run);
    mends.clear();
    for (Node node : world.nodes) {
      node.resume();
      node.restart();
    }
    for (MemoryNode node : rack.holders) {
      rack.managers.forEach(manager -> manager.steward().drain(node.component, false));
    }
  }

  /** One that holds copies and is to be emptied for good, of a rack at rest; now and then. */
  Optional<MemoryNode> empty() {
    if (!world.chance(300)) {
      return Optional.empty();
    }
    MemoryNode node = world.pick(rack.holders);
    rack.managers.forEach(manager -> manager.steward().drain(node.component, true));
    return Optional.of(node);
  }

  /** So says who leads. */
  boolean isEmptied(MemoryNode node) {
    return rack.managers.stream()
        .filter(manager -> manager.steward().isLeading())
        .anyMatch(manager -> manager.isEmptied(node.component));
  }

  private void next() {
    world.after(
        null,
        world.between(pauseBetweenUs / 4, pauseBetweenUs * 2),
        () -> {
          if (!ended && world.nowUs() < untilUs) {
            happen();
            next();
          }
        });
  }

  private void happen() {
    switch ((int) world.between(0, 28)) {
      case 0, 1 -> kill(world.pick(rack.holders));
      case 2 -> kill(world.pick(rack.managers));
      case 3 -> killAuthority();
      case 4 -> pause(world.pick(world.nodes));
      case 5 -> pause(world.pick(rack.holders));
      case 6 -> cut(world.pick(world.nodes), world.pick(world.nodes), false);
      case 7 -> cut(world.pick(world.nodes), world.pick(world.nodes), true);
      case 8 -> isolate(world.pick(world.nodes));
      case 9, 10 -> migrate();
      case 11 -> abort();
      case 12 -> drain();
      case 13 -> deafen(rack.processOf(world.pick(rack.authority.rows())));
      case 14, 20, 21 -> strand();
      case 15 -> handOver();
      case 16 -> flood();
      case 17 -> expel();
      case 18, 19 -> crowd();
      case 22, 23, 24 -> ambush();
      default -> trap();
    }
  }

  /** Kills and later starts anew; memory components as a rule only while that loses nothing. */
  boolean kill(Node node) {
    if (node instanceof ProcessNode || !node.isUp() || ended) {
      return false;
    }
    boolean admissible =
        !(node instanceof MemoryNode)
            || rack.judge.isKillAdmissible()
            || (reckless && world.chance(300));
    if (!admissible) {
      return false;
    }
    kills++;
    rack.moves.killing(node);
    node.kill();
    long longestUs = lasting && node instanceof MemoryNode ? LASTING_US : AWAY_US;
    world.after(null, world.between(Network.LONGEST_US + 100_000, longestUs), node::restart);
    return true;
  }

  /** Now, or in a transaction, or right after it has answered one. */
  private void killAuthority() {
    switch ((int) world.between(0, 3)) {
      case 0 -> kill(rack.authority);
      case 1 -> rack.network.trap(Kind.STORE, Network.Snare.KILL_RECEIVER_AFTER, this::kill);
      default -> rack.network.trap(Kind.STORE_REPLY, Network.Snare.KILL_SENDER, this::kill);
    }
  }

  private void pause(Node node) {
    node.pause();
    world.after(null, world.between(20_000, 4_000_000), node::resume);
  }

  private void cut(Node a, Node b, boolean bothWays) {
    if (a.index == b.index) {
      return;
    }
    rack.network.cut(a, b);
    later(world.between(100_000, 3_000_000), () -> rack.network.heal(a, b));
    if (bothWays) {
      rack.network.cut(b, a);
      later(world.between(100_000, 3_000_000), () -> rack.network.heal(b, a));
    }
  }

  private void isolate(Node node) {
    for (Node other : world.nodes) {
      cut(node, other, world.chance(700));
    }
  }

  /** It hears no manager for a while, whatever happens to its regions meanwhile. */
  private void deafen(Node process) {
    for (Node manager : rack.managers) {
      rack.network.cut(manager, process);
      later(world.between(500_000, 6_000_000), () -> rack.network.heal(manager, process));
    }
  }

  /**
   * A manager takes over, installs everything again, and regions move at once, unheard of by a
   * process: what is late by then is from another age.
   */
  private void handOver() {
    rack.managers.stream().filter(manager -> manager.steward().isLeading()).forEach(this::kill);
    deafen(rack.processOf(world.pick(rack.authority.rows())));
    for (int i = 0; i < 12; i++) {
      rack.network.trap(Kind.INSTALL, Network.Snare.DUPLICATE, this::kill);
    }
    for (int i = 1; i <= 30; i++) {
      world.after(null, i * 100_000L, this::migrate);
    }
  }

  /**
   * Only its process reaches a region's home, and hears of nothing else; the region goes on
   * elsewhere and is then moved back.
   */
  private void strand() {
    RegionConfig row = world.pick(rack.authority.rows());
    MemoryNode home = rack.holder(row.home().component());
    ProcessNode process = rack.processOf(row);
    long aloneUs = world.between(900_000, 2_500_000);
    for (Node other : world.nodes) {
      if (other.index != process.index && other.index != home.index) {
        rack.network.cut(home, other);
        rack.network.cut(other, home);
        later(aloneUs, () -> rack.network.heal(home, other));
        later(aloneUs, () -> rack.network.heal(other, home));
      }
    }
    for (Node manager : rack.managers) {
      rack.network.cut(manager, process);
      later(aloneUs + 1_500_000, () -> rack.network.heal(manager, process));
    }
    for (int i = 1; i <= 10; i++) {
      world.after(null, aloneUs + i * 60_000L, () -> migrate(row.region(), home));
    }
  }

  private void later(long delayUs, Runnable mend) {
    mends.add(mend);
    world.after(
        null,
        delayUs,
        () -> {
          if (mends.remove(mend)) {
            mend.run();
          }
        });
  }

  private void migrate() {
    migrate(world.pick(rack.authority.rows()).region(), world.pick(rack.memories));
  }

  private void migrate(RegionId region, MemoryNode target) {
    for (ManagerNode manager : rack.managers) {
      if (manager.isAwake()) {
        manager.migrate(region, target.place());
      }
    }
  }

  private void abort() {
    for (ManagerNode manager : rack.managers) {
      if (manager.isAwake()) {
        for (RegionConfig row : manager.steward().rows()) {
          manager.abort(row.region());
        }
      }
    }
  }

  /** A region is to move, and something is to happen to the first move that comes so far. */
  private void ambush() {
    rack.moves.ambush(
        world.pick(List.of(Moves.State.values())), world.pick(List.of(Moves.Fate.values())));
    RegionConfig row = world.pick(rack.authority.rows());
    List<MemoryNode> others =
        rack.memories.stream()
            .filter(node -> row.roleOf(node.place().boot()) == CopyRole.NONE)
            .toList();
    migrate(row.region(), world.pick(others));
  }

  private void drain() {
    MemoryNode node = world.pick(rack.holders);
    for (ManagerNode manager : rack.managers) {
      manager.steward().drain(node.component, true);
      later(
          world.between(200_000, 2_000_000), () -> manager.steward().drain(node.component, false));
    }
  }

  /** A process writes more than its home may have open, which a copy does not acknowledge. */
  private void flood() {
    if (!floodToCome) {
      return;
    }
    floodToCome = false;
    RegionConfig row = world.pick(rack.authority.rows());
    MemoryNode home = rack.holder(row.home().component());
    for (CopyPlace member : row.members()) {
      cut(home, rack.holder(member.component()), false);
    }
    rack.processOf(row).flood(row.region(), (int) world.between(250, 400));
  }

  /**
   * A process is taken for dead and runs elsewhere. It may be, or sleep, or hear nothing, or know
   * of nothing.
   */
  private void expel() {
    RegionConfig row = world.pick(rack.authority.rows());
    ProcessNode node = rack.processOf(row);
    boolean decided =
        rack.managers.stream().anyMatch(each -> each.isUp() && each.steward().isLeading());
    if (!decided || !rack.canStartAgain(row.process())) {
      return;
    }
    switch ((int) world.between(0, 4)) {
      case 0 -> {
        node.kill();
        world.after(null, world.between(500_000, 2_000_000), node::restart);
      }
      case 1 -> pause(node);
      case 2 -> deafen(node);
      default -> {}
    }
    for (ManagerNode manager : rack.managers) {
      if (manager.isAwake()) {
        manager.expel(row.process(), row.incarnation());
      }
    }
  }

  /** Others leave a component little room, so that growths have to move copies first. */
  private void crowd() {
    MemoryNode node = world.pick(rack.holders);
    node.crowd((int) world.between(0, 4));
    later(world.between(1_000_000, 5_000_000), node::uncrowd);
    for (ProcessNode process : rack.processes) {
      process.grow();
    }
  }

  private void trap() {
    for (int i = 0; i < 3; i++) {
      rack.network.trap(
          world.pick(List.of(Kind.values())),
          world.pick(List.of(Network.Snare.values())),
          this::kill);
    }
  }
}
