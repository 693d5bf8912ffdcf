package org.splitrack.fabric.report;

/** Where a component publishes its state changes. Never blocks; safe from any thread. */
public interface StateReporter {
  /** Queues a change; the time of the call is its time. Returns its sequence. */
  long report(StateChange change);

  /**
   * Waits until all that was reported before is in Kafka, at most {@code timeoutMs}.
   *
   * @return the highest sequence that is known to be in Kafka, 0 = none; lower than the last one
   *     reported when the time was too short or the last one could not be published
   */
  long flush(long timeoutMs);

  /** Why nothing can be published now, one line; empty while nothing is known to be wrong. */
  default String trouble() {
    return "";
  }
}
