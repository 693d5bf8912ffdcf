package org.splitrack.simulation.internal;

import org.jspecify.annotations.Nullable;
import org.splitrack.fabric.RegionId;
import org.splitrack.fabric.region.CopyPlace;
import org.splitrack.fabric.region.Learner;
import org.splitrack.fabric.region.RegionConfig;

/**
 * The moves of homes that are under way: how far each has come, and what lies in wait for the next
 * one that comes so far.
 */
final class Moves {
  /** After a move has come so far; it may have gone on by then. */
  private static final long STRIKE_US = 300;

  private final Rack rack;
  private final World world;
  private @Nullable Ambush ambush;

  /** How far a move has come. */
  enum State {
    /** The target is asked to set pages aside, and no row has it. */
    RESERVING,
    /** The source serves, and sends the target what it has; in the end it drains. */
    COPYING,
    /** The source has handed off, and the row does not say so yet. */
    HANDED_OFF
  }

  /** What happens to a move. */
  enum Fate {
    /** It is given up because someone wants it to be, whatever the target knows by then. */
    ABORTED,
    TARGET_KILLED,
    SOURCE_KILLED,
    /** The one that leads. */
    MANAGER_KILLED
  }

  private record Move(State state, CopyPlace source, CopyPlace target) {}

  private record Ambush(State state, Fate fate) {}

  Moves(Rack rack) {
    this.rack = rack;
    this.world = rack.world;
  }

  /** The state of a region's move; null when there is none. */
  @Nullable State stateOf(RegionId region) {
    Move move = move(region);
    return move == null ? null : move.state;
  }

  private @Nullable Move move(RegionId region) {
    RegionConfig row = rack.authority.row(region);
    if (row == null) {
      return null;
    }
    Learner learner = row.learner();
    return learner == null || !row.isMigrating() ? begun(row) : moving(row, learner.place());
  }

  private @Nullable Move begun(RegionConfig row) {
    for (ManagerNode manager : rack.managers) {
      CopyPlace target = manager.reservesForMove(row.region());
      if (target != null) {
        return new Move(State.RESERVING, row.home(), target);
      }
    }
    return null;
  }

  private @Nullable Move moving(RegionConfig row, CopyPlace target) {
    MemoryNode.Held held = rack.holder(row.home().component()).held(row.region());
    if (held == null || !held.self.equals(row.home())) {
      return null;
    }
    if (held.copy.successorEpoch() == row.epoch() + 1) {
      return new Move(State.HANDED_OFF, row.home(), target);
    }
    boolean copies = held.copy.isHome() && held.copy.epoch() == row.epoch() && !row.isSwapping();
    return copies ? new Move(State.COPYING, row.home(), target) : null;
  }

  /** That is to happen to the next move that comes so far. */
  void ambush(State state, Fate fate) {
    ambush = new Ambush(state, fate);
  }

  void disarm() {
    ambush = null;
  }

  /** A region's move may have come further. */
  void look(RegionId region) {
    Ambush armed = ambush;
    if (armed != null && armed.state == stateOf(region)) {
      ambush = null;
      world.after(null, world.between(0, STRIKE_US), () -> strike(armed, region));
    }
  }

  private void strike(Ambush armed, RegionId region) {
    Move move = move(region);
    boolean struck = move != null && move.state == armed.state && befalls(armed.fate, region, move);
    if (!struck && ambush == null) {
      ambush = armed;
    }
  }

  private boolean befalls(Fate fate, RegionId region, Move move) {
    return switch (fate) {
      case ABORTED -> {
        rack.managers.stream()
            .filter(ManagerNode::isAwake)
            .forEach(manager -> manager.abort(region));
        yield true;
      }
      case TARGET_KILLED -> rack.faults.kill(rack.holder(move.target.component()));
      case SOURCE_KILLED -> rack.faults.kill(rack.holder(move.source.component()));
      case MANAGER_KILLED ->
          rack.managers.stream()
              .filter(manager -> manager.steward().isLeading())
              .anyMatch(rack.faults::kill);
    };
  }

  /** That node is about to be killed. */
  void killing(Node node) {
    for (RegionConfig row : rack.authority.rows()) {
      Move move = move(row.region());
      if (move == null) {
        continue;
      }
      switch (node) {
        case MemoryNode memory when memory.place().equals(move.target) ->
            world.coverage.moveMet(move.state, Fate.TARGET_KILLED);
        case MemoryNode memory when memory.place().equals(move.source) ->
            world.coverage.moveMet(move.state, Fate.SOURCE_KILLED);
        case ManagerNode manager when manager.steward().isLeading() ->
            world.coverage.moveMet(move.state, Fate.MANAGER_KILLED);
        default -> {}
      }
    }
  }
}
