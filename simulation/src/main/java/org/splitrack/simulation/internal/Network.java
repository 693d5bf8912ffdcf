package org.splitrack.simulation.internal;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Carries messages: late, twice, in another order, or not at all. A message stays in it for less
 * than {@link #LONGEST_US}, which is shorter than any restart.
 */
final class Network {
  static final long LONGEST_US = 400_000;

  /** How long a message takes at most when nothing delays it. */
  static final long USUAL_US = 400;

  private static final int MAX_TRAPS = 24;

  private final World world;
  private final int[][] cuts;
  private final List<Trap> traps = new ArrayList<>();
  private int lossPerMille;
  private int duplicatePerMille;
  private int delayPerMille;
  private boolean refuses;

  /** What a trap does to the next message of its kind. */
  enum Snare {
    DROP,
    DUPLICATE,
    DELAY,
    KILL_SENDER,
    KILL_RECEIVER_BEFORE,
    KILL_RECEIVER_AFTER
  }

  private record Trap(Kind kind, Snare snare, Killer killer) {}

  /** Kills a node, if that is admissible now. */
  interface Killer {
    boolean kill(Node node);
  }

  Network(World world, int nodeCount) {
    this.world = world;
    this.cuts = new int[nodeCount][nodeCount];
  }

  /**
   * Sets how bad it is.
   *
   * @param refusing a message to a node that is down is answered so, as a closed port does
   */
  void weather(int loss, int duplicate, int delay, boolean refusing) {
    lossPerMille = loss;
    duplicatePerMille = duplicate;
    delayPerMille = delay;
    refuses = refusing;
  }

  /** Cuts one direction until {@link #heal}. */
  void cut(Node from, Node to) {
    cuts[from.index][to.index]++;
    world.trace("cut", from.index, to.index, 0);
  }

  void heal(Node from, Node to) {
    cuts[from.index][to.index]--;
    world.trace("heal", from.index, to.index, 0);
  }

  void trap(Kind kind, Snare snare, Killer killer) {
    if (traps.size() < MAX_TRAPS) {
      traps.add(new Trap(kind, snare, killer));
    }
  }

  void disarm() {
    traps.clear();
  }

  void send(Kind kind, Node from, Node to, Runnable receive) {
    send(kind, from, to, receive, null);
  }

  /**
   * Sends a message.
   *
   * @param refused runs at the sender when the receiver is down and says so
   */
  void send(Kind kind, Node from, Node to, Runnable receive, @Nullable Runnable refused) {
    world.coverage.sent(kind);
    Trap trap = traps.isEmpty() ? null : spring(kind);
    boolean dropped =
        cuts[from.index][to.index] > 0
            || world.chance(lossPerMille)
            || (trap != null && trap.snare == Snare.DROP);
    boolean twice =
        world.chance(duplicatePerMille) || (trap != null && trap.snare == Snare.DUPLICATE);
    boolean late = world.chance(delayPerMille) || (trap != null && trap.snare == Snare.DELAY);
    world.trace(kind.name(), from.index, to.index, dropped ? 1 : 0);
    if (dropped) {
      world.coverage.count(kind, Coverage.Fault.DROPPED);
    } else {
      deliver(kind, from, to, late, receive, refused, trap);
      if (twice) {
        world.coverage.count(kind, Coverage.Fault.DUPLICATED);
        deliver(kind, from, to, world.chance(500), receive, null, null);
      }
    }
    if (trap != null && trap.snare == Snare.KILL_SENDER) {
      killAfterwards(trap, from);
    }
  }

  private @Nullable Trap spring(Kind kind) {
    for (Trap trap : traps) {
      if (trap.kind == kind) {
        traps.remove(trap);
        return trap;
      }
    }
    return null;
  }

  private void deliver(
      Kind kind,
      Node from,
      Node to,
      boolean late,
      Runnable receive,
      @Nullable Runnable refused,
      @Nullable Trap trap) {
    long delayUs = world.between(40, USUAL_US);
    if (late) {
      world.coverage.count(kind, Coverage.Fault.DELAYED);
      delayUs = world.between(1_000, LONGEST_US);
    }
    world.after(
        null,
        delayUs,
        () -> {
          if (trap != null && trap.snare == Snare.KILL_RECEIVER_BEFORE) {
            kill(trap, to);
          }
          if (to.isUp()) {
            to.run(receive);
          } else if (refuses && refused != null && cuts[to.index][from.index] == 0) {
            world.after(from, world.between(40, USUAL_US), refused);
          }
          if (trap != null && trap.snare == Snare.KILL_RECEIVER_AFTER) {
            kill(trap, to);
          }
        });
  }

  /** The sender is in the middle of something: it dies when that is done. */
  private void killAfterwards(Trap trap, Node node) {
    world.after(null, 0, () -> kill(trap, node));
  }

  private void kill(Trap trap, Node node) {
    if (trap.killer.kill(node)) {
      world.coverage.count(trap.kind, Coverage.Fault.KILLED);
    } else {
      trap(trap.kind, trap.snare, trap.killer);
    }
  }
}
