package org.splitrack.simulation.internal;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;
import org.splitrack.fabric.ProcessId;
import org.splitrack.fabric.RegionId;
import org.splitrack.fabric.region.ConfigChange;
import org.splitrack.fabric.region.RegionConfig;
import org.splitrack.fabric.region.StoreAnswer;

/**
 * The rows and the leadership, in a database on a disk. Transactions go one after the other; one is
 * in force, and answered, when it is on the disk. Of one that a kill interrupts nobody can know
 * whether it was made.
 */
final class Authority extends Node {
  private static final long LEASE_US = 2_000_000;

  private final Rack rack;
  private final Disk<Tables> disk;
  private final Deque<Function<Tables, Decision>> waiting = new ArrayDeque<>();

  /** What is in force. */
  private Tables tables = Tables.EMPTY;

  private boolean committing;

  Authority(World world, Rack rack) {
    super(world, "authority");
    this.rack = rack;
    this.disk = new Disk<>(this, tables);
  }

  /** All that the database has, at one moment; its maps are never changed. */
  private record Tables(
      SortedMap<RegionId, RegionConfig> rows,
      SortedMap<RegionId, RegionConfig> ended,
      long term,
      int leader,
      long renewedUs) {
    static final Tables EMPTY = new Tables(new TreeMap<>(), new TreeMap<>(), 0, -1, -LEASE_US);

    Tables with(List<RegionConfig> put) {
      SortedMap<RegionId, RegionConfig> changed = new TreeMap<>(rows);
      put.forEach(row -> changed.put(row.region(), row));
      return new Tables(changed, ended, term, leader, renewedUs);
    }

    Tables ending(List<RegionConfig> gone) {
      SortedMap<RegionId, RegionConfig> left = new TreeMap<>(rows);
      SortedMap<RegionId, RegionConfig> past = new TreeMap<>(ended);
      for (RegionConfig row : gone) {
        left.remove(row.region());
        past.put(row.region(), row);
      }
      return new Tables(left, past, term, leader, renewedUs);
    }

    Tables ledBy(int manager, long newTerm, long nowUs) {
      return new Tables(rows, ended, newTerm, manager, nowUs);
    }
  }

  /**
   * What a transaction does.
   *
   * @param next null when it changes nothing
   */
  private record Decision(@Nullable Tables next, Runnable answer) {}

  // Reads: of what is in force.

  @Nullable RegionConfig row(RegionId region) {
    return tables.rows.get(region);
  }

  List<RegionConfig> rows() {
    return List.copyOf(tables.rows.values());
  }

  List<RegionConfig> rows(List<RegionId> regions) {
    List<RegionConfig> found = new ArrayList<>();
    for (RegionId region : regions) {
      RegionConfig row = tables.rows.get(region);
      if (row != null) {
        found.add(row);
      }
    }
    return found;
  }

  /** Whether the region's process was expelled, or ended. */
  boolean hasEnded(RegionId region) {
    return tables.ended.containsKey(region) && !tables.rows.containsKey(region);
  }

  // Transactions.

  void insert(List<RegionConfig> begun) {
    transact(now -> new Decision(now.with(begun), () -> {}));
  }

  /** Answers with the term under which that manager leads; with 0 when another does. */
  void lead(int manager, long heldTerm, LongConsumer answer) {
    transact(
        now -> {
          boolean holds = now.leader == manager && heldTerm == now.term && now.term > 0;
          if (!holds && world.plants(Plant.CONFLICT_TAKEN_FOR_SUCCESS) && now.term > 0) {
            return new Decision(null, () -> answer.accept(now.term));
          }
          if (!holds && world.nowUs() - now.renewedUs < LEASE_US) {
            return new Decision(null, () -> answer.accept(0));
          }
          long term = holds ? now.term : now.term + 1;
          return new Decision(now.ledBy(manager, term, world.nowUs()), () -> answer.accept(term));
        });
  }

  void store(List<ConfigChange> changes, long managerTerm, Consumer<StoreAnswer> answer) {
    transact(
        now -> {
          if (managerTerm != now.term && !world.plants(Plant.STALE_TERM_ACCEPTED)) {
            return new Decision(null, () -> answer.accept(StoreAnswer.NOT_LEADING));
          }
          for (ConfigChange change : changes) {
            RegionConfig present = now.rows.get(change.next().region());
            boolean unguarded =
                present == null
                    ? world.plants(Plant.EXPELLED_REVIVED)
                    : world.plants(Plant.CAS_WITHOUT_EPOCH_GUARD);
            if (!change.expected().equals(present) && !unguarded) {
              return new Decision(null, () -> answer.accept(StoreAnswer.CONFLICT));
            }
          }
          rack.judge.termUsed("the authority", managerTerm, now.term);
          for (ConfigChange change : changes) {
            world.note("  " + change.next() + " because " + change.reason());
          }
          return new Decision(
              now.with(changes.stream().map(ConfigChange::next).toList()),
              () -> answer.accept(StoreAnswer.STORED));
        });
  }

  /**
   * Ends an incarnation of a process, if that is the one which runs: all its regions go in one
   * transaction, and those of the next one come. While there is no place for the next one there is
   * no answer: it is asked for again.
   *
   * @param answer takes the regions of it and of earlier ones that went, then or before; empty when
   *     that manager does not lead
   */
  void expel(
      ProcessId process,
      int incarnation,
      long managerTerm,
      Consumer<Optional<List<RegionConfig>>> answer) {
    Runnable answerGone =
        () -> answer.accept(Optional.of(upTo(tables.ended.values(), process, incarnation)));
    transact(
        now -> {
          if (managerTerm != now.term) {
            return new Decision(null, () -> answer.accept(Optional.empty()));
          }
          List<RegionConfig> gone = upTo(now.rows.values(), process, incarnation);
          if (gone.isEmpty()) {
            return new Decision(null, answerGone);
          }
          if (!rack.canStartAgain(process)) {
            return new Decision(null, () -> {});
          }
          List<RegionConfig> begun = rack.newRegions(process, incarnation + 1);
          return new Decision(now.ending(gone).with(begun), answerGone);
        });
  }

  private static List<RegionConfig> upTo(
      Collection<RegionConfig> from, ProcessId process, int incarnation) {
    return from.stream()
        .filter(row -> row.process().equals(process) && row.incarnation() <= incarnation)
        .toList();
  }

  private void transact(Function<Tables, Decision> transaction) {
    waiting.add(transaction);
    proceed();
  }

  private void proceed() {
    while (!committing && !waiting.isEmpty()) {
      Decision decision = waiting.remove().apply(tables);
      if (decision.next == null) {
        decision.answer.run();
      } else {
        commit(decision.next, decision.answer);
      }
    }
  }

  private void commit(Tables next, Runnable answer) {
    disk.write(next);
    if (world.plants(Plant.ACK_BEFORE_FSYNC)) {
      disk.sync(() -> {});
      adopt(next);
      answer.run();
      return;
    }
    committing = true;
    disk.sync(
        () -> {
          committing = false;
          adopt(next);
          answer.run();
          proceed();
        });
  }

  /** That is in force from now on. */
  private void adopt(Tables next) {
    Tables before = tables;
    tables = next;
    rack.judge.termUsed("the authority", next.term, before.term);
    for (RegionConfig row : before.rows.values()) {
      if (!next.rows.containsKey(row.region())) {
        world.trace("ended", row.region().value(), row.epoch(), row.incarnation());
        rack.judge.removed(row);
      }
    }
    for (RegionConfig row : next.rows.values()) {
      RegionConfig earlier = before.rows.get(row.region());
      if (!row.equals(earlier)) {
        world.trace("stored", row.region().value(), row.epoch(), row.term());
        rack.judge.stored(earlier, row);
        boolean begins = earlier == null && !before.ended.containsKey(row.region());
        if (begins && row.incarnation() > Rack.FIRST_INCARNATION) {
          rack.startAgain(row, next.term);
        }
        rack.moves.look(row.region());
      }
    }
  }

  @Override
  void tick() {}

  @Override
  void erase() {
    waiting.clear();
    disk.crash();
    if (committing) {
      committing = false;
      world.coverage.happened(
          disk.content().equals(tables)
              ? Coverage.Event.COMMIT_LOST
              : Coverage.Event.COMMIT_UNANSWERED);
    }
    adopt(disk.content());
  }

  @Override
  void begin() {}
}
