package org.splitrack.simulation.internal;

import java.util.ArrayList;
import java.util.List;

/** One process of the virtual rack: it can be killed, started anew, and paused. */
abstract class Node {
  /** The protocol's tick by an exact clock. */
  static final long TICK_US = 50_000;

  final World world;
  final String name;
  final int index;
  private final List<Runnable> held = new ArrayList<>();
  private boolean up = true;
  private boolean paused;
  private int start = 1;
  private double rate = 1;

  Node(World world, String name) {
    this.world = world;
    this.name = name;
    this.index = world.enlist(this);
  }

  /** What it does with each tick of its clock. */
  abstract void tick();

  /** It is killed: everything in its memory is gone. */
  abstract void erase();

  /** It starts anew. */
  abstract void begin();

  final boolean isUp() {
    return up;
  }

  final boolean isPaused() {
    return paused;
  }

  /** Whether it does anything. */
  final boolean isAwake() {
    return up && !paused;
  }

  /** Number of its start; what was under way to an earlier one is void. */
  final int start() {
    return start;
  }

  final void drift(double newRate) {
    rate = newRate;
  }

  final void startTicking() {
    int ticking = start;
    world.after(
        this,
        (long) (TICK_US * rate),
        () -> {
          if (up && start == ticking) {
            tick();
            startTicking();
          }
        });
  }

  final void kill() {
    if (up) {
      up = false;
      paused = false;
      held.clear();
      world.trace("kill", index, start, 0);
      erase();
    }
  }

  final void restart() {
    if (!up) {
      up = true;
      start++;
      world.trace("restart", index, start, 0);
      begin();
      startTicking();
    }
  }

  final void pause() {
    if (up && !paused) {
      paused = true;
      world.trace("pause", index, 0, 0);
    }
  }

  /** What came in meanwhile is taken in first, in its order. */
  final void resume() {
    if (paused) {
      paused = false;
      world.trace("resume", index, 0, 0);
      List<Runnable> waiting = List.copyOf(held);
      held.clear();
      waiting.forEach(event -> world.after(this, 0, event));
    }
  }

  /** Runs now, or when the node goes on; not at all when it is down. */
  final void run(Runnable event) {
    if (paused) {
      held.add(event);
    } else if (up) {
      event.run();
    }
  }

  @Override
  public final String toString() {
    return name;
  }
}
