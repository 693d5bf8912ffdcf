package org.splitrack.simulation.internal;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Whether the operations on one page could have happened one at a time, each between its call and
 * its return: the algorithm of Wing and Gong with Lowe's memory of configurations seen. The page is
 * a register that starts at 0. A write that never returned may have happened at any time or never;
 * a read that never returned says nothing.
 */
final class Linearizability {
  private final Event head = new Event(-1, null, false);
  private final List<History.Entry> operations;

  private Linearizability(List<History.Entry> operations) {
    this.operations = operations;
  }

  /** A call or a return, in a list by time from which operations are lifted. */
  private static final class Event {
    final int operation;
    final @Nullable Event returning;
    final boolean call;
    @Nullable Event before;
    @Nullable Event after;

    Event(int operation, @Nullable Event returning, boolean call) {
      this.operation = operation;
      this.returning = returning;
      this.call = call;
    }
  }

  private record Moment(long atUs, int rank, Event event) {}

  private record Seen(BitSet done, long value) {}

  private record Step(Event call, long valueBefore) {}

  static boolean holds(List<History.Entry> all) {
    List<History.Entry> operations = new ArrayList<>();
    for (History.Entry entry : all) {
      if (entry.write || entry.returnedUs != History.NEVER) {
        operations.add(entry);
      }
    }
    return new Linearizability(operations).search();
  }

  private void link() {
    List<Moment> moments = new ArrayList<>();
    for (int i = 0; i < operations.size(); i++) {
      Event returning = new Event(i, null, false);
      moments.add(new Moment(operations.get(i).invokedUs, 0, new Event(i, returning, true)));
      moments.add(new Moment(operations.get(i).returnedUs, 1, returning));
    }
    moments.sort(Comparator.comparingLong(Moment::atUs).thenComparingInt(Moment::rank));
    Event last = head;
    for (Moment moment : moments) {
      last.after = moment.event;
      moment.event.before = last;
      last = moment.event;
    }
  }

  private boolean search() {
    link();
    Set<Seen> seen = new HashSet<>();
    BitSet done = new BitSet();
    List<Step> steps = new ArrayList<>();
    long value = 0;
    Event at = head.after;
    while (head.after != null) {
      if (at == null) {
        return isDoneButForUnanswered(done);
      }
      if (at.call) {
        History.Entry operation = operations.get(at.operation);
        boolean fits = operation.write || operation.value == value;
        if (fits) {
          done.set(at.operation);
          long next = operation.write ? operation.value : value;
          if (seen.add(new Seen((BitSet) done.clone(), next))) {
            steps.add(new Step(at, value));
            value = next;
            lift(at);
            at = head.after;
            continue;
          }
          done.clear(at.operation);
        }
        at = at.after;
      } else {
        if (operations.get(at.operation).returnedUs == History.NEVER) {
          return isDoneButForUnanswered(done);
        }
        if (steps.isEmpty()) {
          return false;
        }
        Step last = steps.removeLast();
        value = last.valueBefore;
        done.clear(last.call.operation);
        unlift(last.call);
        at = last.call.after;
      }
    }
    return true;
  }

  /** What is left may never have happened. */
  private boolean isDoneButForUnanswered(BitSet done) {
    for (int i = 0; i < operations.size(); i++) {
      if (!done.get(i) && operations.get(i).returnedUs != History.NEVER) {
        return false;
      }
    }
    return true;
  }

  private static void lift(Event call) {
    remove(call);
    if (call.returning != null) {
      remove(call.returning);
    }
  }

  private static void unlift(Event call) {
    if (call.returning != null) {
      insert(call.returning);
    }
    insert(call);
  }

  private static void remove(Event event) {
    if (event.before != null) {
      event.before.after = event.after;
    }
    if (event.after != null) {
      event.after.before = event.before;
    }
  }

  private static void insert(Event event) {
    if (event.before != null) {
      event.before.after = event;
    }
    if (event.after != null) {
      event.after.before = event;
    }
  }
}
