package org.splitrack.tables.internal.mirror;

import java.util.HashMap;
import java.util.Map;

/** How far the tables are: what {@code os_mon} says about it, as of the last commit. */
final class Progress {
  private final Map<Publisher, Long> lastSequences;
  private long nextOffset;

  /**
   * @param lastSequences of every publisher that is known
   */
  Progress(long nextOffset, Map<Publisher, Long> lastSequences) {
    this.nextOffset = nextOffset;
    this.lastSequences = new HashMap<>(lastSequences);
  }

  /** First offset that is not in the tables. */
  long nextOffset() {
    return nextOffset;
  }

  /** Sequence of its newest change that is in the tables, 0 = none. */
  long lastSequence(Publisher publisher) {
    return lastSequences.getOrDefault(publisher, 0L);
  }

  int publishers() {
    return lastSequences.size();
  }

  /** The plan was committed. */
  void advance(BatchPlan plan) {
    nextOffset = plan.nextOffset();
    plan.newest().forEach((publisher, newest) -> lastSequences.put(publisher, newest.sequence()));
  }
}
