package org.splitrack.simulation.internal;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Whether the operations on one page could have happened one at a time, each between its call and
 * its return. The page is a register that starts at 0. A write that never returned may have
 * happened at any time or never; a read that never returned says nothing.
 *
 * <p>A page has one writer, whose versions rise with its calls, and no page goes back: the writes
 * happen in the order of their calls. With that order given, each operation stands after a known
 * number of writes, and the history can be put in a line when that number never falls from one that
 * has returned to one that is called later; no search is needed, however many are under way.
 */
final class Linearizability {
  private Linearizability() {}

  /** An operation, and how many writes have happened when it has, its own among them. */
  private record Placed(History.Entry operation, int writes) {}

  /** The operations in the order of their calls. */
  static boolean holds(List<History.Entry> operations) {
    List<Placed> called = placed(operations);
    if (called == null) {
      return false;
    }
    called.sort(Comparator.comparingLong(each -> each.operation().invokedUs));
    List<Placed> returned = new ArrayList<>(called);
    returned.sort(Comparator.comparingLong(each -> each.operation().returnedUs));
    int over = 0;
    int fewest = 0;
    for (Placed each : called) {
      while (returned.get(over).operation().returnedUs < each.operation().invokedUs) {
        fewest = Math.max(fewest, returned.get(over++).writes());
      }
      if (each.writes() < fewest || (each.operation().write && each.writes() == fewest)) {
        return false;
      }
    }
    return true;
  }

  /** Null when a value was read that was not written, or only later. */
  private static @Nullable List<Placed> placed(List<History.Entry> operations) {
    Map<Long, Placed> writes = new HashMap<>();
    List<Placed> placed = new ArrayList<>();
    for (History.Entry operation : operations) {
      if (operation.write) {
        Placed write = new Placed(operation, writes.size() + 1);
        writes.put(operation.value, write);
        placed.add(write);
      }
    }
    for (History.Entry operation : operations) {
      if (operation.write || operation.returnedUs == History.NEVER) {
        continue;
      }
      Placed write = writes.get(operation.value);
      if (operation.value != 0
          && (write == null || write.operation().invokedUs > operation.returnedUs)) {
        return null;
      }
      placed.add(new Placed(operation, write == null ? 0 : write.writes()));
    }
    return placed;
  }
}
