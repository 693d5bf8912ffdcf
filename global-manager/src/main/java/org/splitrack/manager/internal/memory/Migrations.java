package org.splitrack.manager.internal.memory;

import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.splitrack.fabric.ComponentId;
import org.splitrack.fabric.RegionId;
import org.splitrack.fabric.control.ControlFault;
import org.splitrack.fabric.control.ControlFault.Code;
import org.splitrack.fabric.region.RegionConfig;
import org.splitrack.manager.internal.authority.MigrationLog;
import org.splitrack.manager.internal.authority.MigrationTask;
import org.splitrack.manager.internal.authority.MigrationTask.State;
import org.splitrack.manager.internal.authority.NumberSupply;
import org.splitrack.manager.internal.report.RackReports;

/**
 * Migrations as people ask for them and see them; what moves regions is the steward. Of those that
 * are over it keeps the newest {@value #MAX_ENDED}. Safe from any thread.
 */
public final class Migrations {
  static final int MAX_ENDED = 1_000;
  private static final Logger LOG = LoggerFactory.getLogger(Migrations.class);

  private final MigrationLog log;
  private final NumberSupply numbers;
  private final RackReports reports;
  private final InstantSource clock;

  // Guarded by this.
  private final TreeMap<Long, MigrationTask> tasks = new TreeMap<>();
  private final Map<RegionId, Long> open = new LinkedHashMap<>();
  private final Map<Long, Long> startEvents = new HashMap<>();
  private final Set<Long> aborting = new HashSet<>();
  private final Queue<MigrationTask> unlogged = new ArrayDeque<>();

  public Migrations(
      MigrationLog log, NumberSupply numbers, RackReports reports, InstantSource clock) {
    this.log = log;
    this.numbers = numbers;
    this.reports = reports;
    this.clock = clock;
  }

  /**
   * A new leader knows of what has ended, and goes on with what is open, as far as the regions'
   * rows say that it goes on.
   */
  public void onLeading(List<RegionConfig> rows) {
    List<MigrationTask> ended = log.ended(MAX_ENDED);
    synchronized (this) {
      ended.forEach(task -> tasks.putIfAbsent(task.migration(), task));
    }
    Map<RegionId, RegionConfig> byRegion = new HashMap<>();
    rows.forEach(row -> byRegion.put(row.region(), row));
    for (MigrationTask task : log.open()) {
      synchronized (this) {
        tasks.put(task.migration(), task);
        open.put(task.region(), task.migration());
      }
      RegionConfig row = byRegion.get(task.region());
      if (row == null || !row.isMigrating()) {
        boolean there = row != null && row.home().component().equals(task.target());
        end(task.region(), there ? null : "the manager ended before it had begun");
      }
    }
  }

  /** A region that is to move, and from where. */
  record Wanted(RegionId region, ComponentId source, ComponentId target) {}

  /**
   * Accepts some, in one step.
   *
   * @param reason {@code requested}
   * @return without those whose regions move already
   * @throws ControlFault UNAVAILABLE; then none has begun
   */
  List<MigrationTask> begin(List<Wanted> moves, String reason) {
    List<Long> taken = numbers.take(moves.size(), NumberSupply.PATIENCE);
    List<MigrationTask> admitted = new ArrayList<>();
    synchronized (this) {
      for (int i = 0; i < moves.size(); i++) {
        MigrationTask task = reserving(taken.get(i), moves.get(i), reason);
        if (open.putIfAbsent(task.region(), task.migration()) == null) {
          tasks.put(task.migration(), task);
          admitted.add(task);
        }
      }
    }
    try {
      log.put(admitted);
    } catch (ControlFault e) {
      admitted.forEach(this::forget);
      throw e;
    }
    admitted.forEach(this::tellBegin);
    return admitted;
  }

  private MigrationTask reserving(long number, Wanted move, String reason) {
    return new MigrationTask(
        number,
        move.region(),
        move.source(),
        move.target(),
        State.RESERVING,
        reason,
        0,
        0,
        0,
        null,
        clock.instant(),
        null);
  }

  private void tellBegin(MigrationTask task) {
    long number = task.migration();
    reports.migration(task.asReported());
    long event =
        reports.event(
            "migration_started",
            null,
            task.region(),
            null,
            "region "
                + task.region()
                + ": migration "
                + number
                + " from "
                + task.source()
                + " to "
                + task.target()
                + " begins",
            Map.of(
                "migration",
                number,
                "source",
                task.source().toString(),
                "target",
                task.target().toString()));
    synchronized (this) {
      startEvents.put(number, event);
    }
  }

  private synchronized void forget(MigrationTask task) {
    tasks.remove(task.migration());
    open.remove(task.region(), task.migration());
  }

  /** The migration of a region that is under way. */
  synchronized Optional<MigrationTask> of(RegionId region) {
    return Optional.ofNullable(open.get(region)).map(tasks::get);
  }

  /** The event with which it began. */
  synchronized @Nullable Long startEvent(long migration) {
    return startEvents.get(migration);
  }

  /** Somebody asked for its end. */
  synchronized void aborting(long migration) {
    aborting.add(migration);
  }

  void copying(RegionId region) {
    update(region, task -> task.at(State.COPYING));
  }

  void handedOff(RegionId region, long bytes, int rounds, long pauseUs) {
    update(region, task -> task.handedOff(bytes, rounds, pauseUs));
  }

  private void update(RegionId region, UnaryOperator<MigrationTask> change) {
    MigrationTask next;
    synchronized (this) {
      Long number = open.get(region);
      MigrationTask task = number == null ? null : tasks.get(number);
      if (task == null) {
        return;
      }
      next = change.apply(task);
      if (next.equals(task)) {
        return;
      }
      tasks.put(task.migration(), next);
    }
    reports.migration(next.asReported());
  }

  /**
   * It is over.
   *
   * @param error null when the target is home
   * @return as it ended; empty when none was under way
   */
  Optional<MigrationTask> end(RegionId region, @Nullable String error) {
    MigrationTask ended;
    synchronized (this) {
      Long number = open.remove(region);
      MigrationTask task = number == null ? null : tasks.get(number);
      if (task == null) {
        return Optional.empty();
      }
      State state =
          error == null
              ? State.DONE
              : aborting.remove(task.migration()) ? State.ABORTED : State.FAILED;
      ended = task.ended(state, error, clock.instant());
      tasks.put(task.migration(), ended);
      startEvents.remove(task.migration());
      unlogged.add(ended);
      while (tasks.size() - open.size() > MAX_ENDED) {
        tasks.values().removeIf(new OldestEnded()::isIt);
      }
    }
    reports.migration(ended.asReported());
    return Optional.of(ended);
  }

  /** True for the first ended one that it is asked about. */
  private static final class OldestEnded {
    private boolean found;

    boolean isIt(MigrationTask task) {
      boolean first = !found && task.endedAt() != null;
      found |= first;
      return first;
    }
  }

  /** Stores how migrations ended, as far as the authority takes it; called again and again. */
  public void step() {
    List<MigrationTask> ended;
    synchronized (this) {
      ended = List.copyOf(unlogged);
    }
    if (ended.isEmpty()) {
      return;
    }
    try {
      log.put(ended);
    } catch (ControlFault e) {
      LOG.debug("the ends of {} migrations are stored later: {}", ended.size(), e.getMessage());
      return;
    }
    synchronized (this) {
      unlogged.removeAll(ended);
    }
  }

  /** The newest first. */
  public synchronized List<MigrationTask> all() {
    List<MigrationTask> all = new ArrayList<>(tasks.values());
    all.sort(Comparator.comparingLong(MigrationTask::migration).reversed());
    return all;
  }

  /**
   * One of those that are kept.
   *
   * @throws ControlFault NOT_FOUND
   */
  public synchronized MigrationTask require(long migration) {
    MigrationTask task = tasks.get(migration);
    if (task == null) {
      throw new ControlFault(Code.NOT_FOUND, "there is no migration " + migration);
    }
    return task;
  }
}
