package org.splitrack.manager.internal.authority;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.splitrack.fabric.control.ControlFault;

/**
 * Numbers held ahead, so that handing one out asks no database: between one and two blocks, filled
 * up by whoever calls {@link #fill}. What is held at a stop is never used. Safe from any thread.
 */
public final class NumberSupply {
  public static final int BLOCK = 100;

  /** How long a growth or a start waits for numbers. */
  public static final Duration PATIENCE = Duration.ofSeconds(5);

  private final String what;
  private final NumberSource source;
  private final Runnable askForFill;
  private final ReentrantLock lock = new ReentrantLock();
  private final Condition filled = lock.newCondition();
  private final Deque<Long> held = new ArrayDeque<>(2 * BLOCK);
  private OptionalLong first = OptionalLong.empty();

  /**
   * @param what for messages: {@code process numbers}
   * @param askForFill called when less than a block is left; must not block
   */
  public NumberSupply(String what, NumberSource source, Runnable askForFill) {
    this.what = what;
    this.source = source;
    this.askForFill = askForFill;
  }

  /** Tops up to two blocks. Called by one thread at a time; fails as the source does. */
  public void fill() {
    while (heldCount() <= BLOCK) {
      List<Long> taken = source.take(BLOCK);
      lock.lock();
      try {
        if (first.isEmpty()) {
          first = OptionalLong.of(taken.getFirst());
        }
        held.addAll(taken);
        filled.signalAll();
      } finally {
        lock.unlock();
      }
    }
  }

  private int heldCount() {
    lock.lock();
    try {
      return held.size();
    } finally {
      lock.unlock();
    }
  }

  /** The first number of this start: every lower one belongs to an earlier one. */
  public OptionalLong first() {
    lock.lock();
    try {
      return first;
    } finally {
      lock.unlock();
    }
  }

  /**
   * Hands out {@code count} numbers, all or none.
   *
   * @throws ControlFault UNAVAILABLE when they do not come within {@code patience}
   */
  public List<Long> take(int count, Duration patience) {
    long leftNs = patience.toNanos();
    List<Long> taken = new ArrayList<>(count);
    lock.lock();
    try {
      while (taken.size() < count) {
        while (taken.size() < count && !held.isEmpty()) {
          taken.add(held.removeFirst());
        }
        if (held.size() < BLOCK) {
          askForFill.run();
        }
        if (taken.size() < count) {
          if (leftNs <= 0) {
            taken.reversed().forEach(held::addFirst);
            throw new ControlFault(
                ControlFault.Code.UNAVAILABLE,
                "no " + what + " left and PostgreSQL gives no new ones; try again later");
          }
          leftNs = filled.awaitNanos(leftNs);
        }
      }
      return taken;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      taken.reversed().forEach(held::addFirst);
      throw new ControlFault(ControlFault.Code.UNAVAILABLE, "interrupted");
    } finally {
      lock.unlock();
    }
  }
}
