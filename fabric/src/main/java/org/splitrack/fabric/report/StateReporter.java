package org.splitrack.fabric.report;

/** Where a component publishes its state changes. Never blocks; safe from any thread. */
public interface StateReporter {
  /** Queues a change; the time of the call is its time. Returns its sequence. */
  long report(StateChange change);

  /**
   * Waits until all that was reported is in Kafka, at most {@code timeoutMs}; the last sequence.
   */
  long flush(long timeoutMs);
}
