package org.splitrack.manager.internal.memory;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.splitrack.fabric.control.ControlFault;
import org.splitrack.fabric.region.ConfigChange;
import org.splitrack.fabric.region.StoreAnswer;

/**
 * Stores changes of rows, one transaction after the other: what is asked for while one is under way
 * goes into the next one together (group commit). Safe from any thread.
 */
final class ChangeQueue {
  private static final int MAX_TOGETHER = 1_024;
  private static final Logger LOG = LoggerFactory.getLogger(ChangeQueue.class);

  private final Predicate<List<ConfigChange>> store;
  private final Answers answers;

  // Guarded by this.
  private List<Wanted> waiting = new ArrayList<>();
  private boolean storing;

  /**
   * @param store makes changes in one transaction; false when one of the rows is another than it
   *     expects, {@link ControlFault} when it is not known
   */
  ChangeQueue(Predicate<List<ConfigChange>> store, Answers answers) {
    this.store = store;
    this.answers = answers;
  }

  /** Hears, on a thread that may wait, what became of each. */
  interface Answers {
    void stored(long change, StoreAnswer answer);
  }

  private record Wanted(long change, List<ConfigChange> rows) {}

  /** Takes a change, all of whose rows are stored or none. */
  void add(long change, List<ConfigChange> rows) {
    boolean first;
    synchronized (this) {
      waiting.add(new Wanted(change, List.copyOf(rows)));
      first = !storing;
      storing = true;
    }
    if (first) {
      Thread.ofVirtual().start(this::storeAll);
    }
  }

  private void storeAll() {
    while (true) {
      List<Wanted> next = takeNext();
      if (next.isEmpty()) {
        return;
      }
      StoreAnswer together = stored(next.stream().flatMap(wanted -> wanted.rows.stream()).toList());
      for (Wanted wanted : next) {
        // Only one of them need be in conflict.
        boolean alone = together == StoreAnswer.CONFLICT && next.size() > 1;
        answers.stored(wanted.change, alone ? stored(wanted.rows) : together);
      }
    }
  }

  private synchronized List<Wanted> takeNext() {
    List<Wanted> next = new ArrayList<>();
    int rows = 0;
    for (Wanted wanted : waiting) {
      rows += wanted.rows.size();
      if (!next.isEmpty() && rows > MAX_TOGETHER) {
        break;
      }
      next.add(wanted);
    }
    waiting = new ArrayList<>(waiting.subList(next.size(), waiting.size()));
    storing = !next.isEmpty();
    return next;
  }

  private StoreAnswer stored(List<ConfigChange> rows) {
    try {
      return store.test(rows) ? StoreAnswer.STORED : StoreAnswer.CONFLICT;
    } catch (ControlFault e) {
      LOG.warn("{} regions wait for the authority: {}", rows.size(), e.getMessage());
    } catch (RuntimeException e) {
      LOG.error("a change of {} regions failed; the next ones do not", rows.size(), e);
    }
    return StoreAnswer.UNKNOWN;
  }
}
