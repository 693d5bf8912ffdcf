package org.splitrack.manager.internal.report;

import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.splitrack.fabric.ProcessId;
import org.splitrack.fabric.RegionId;
import org.splitrack.fabric.report.StateChange;
import org.splitrack.fabric.report.StateChange.ComponentState;
import org.splitrack.fabric.report.StateChange.Event;
import org.splitrack.fabric.report.StateChange.ProcessState;
import org.splitrack.fabric.report.StateChange.RegionState;
import org.splitrack.fabric.report.StateReporter;
import org.splitrack.manager.internal.authority.ProcessRow;
import org.splitrack.manager.internal.authority.RegionConfig;
import org.splitrack.manager.internal.membership.Member;

/** What the manager tells the tables: rows as they change, and the story in sentences. */
public final class RackReports {
  private static final Logger LOG = LoggerFactory.getLogger(RackReports.class);

  private final StateReporter reporter;
  private final AtomicLong lastSequence = new AtomicLong();

  public RackReports(StateReporter reporter) {
    this.reporter = reporter;
  }

  public void component(Member member) {
    component(member.asReported());
  }

  public void component(ComponentState state) {
    report(state);
  }

  public void process(ProcessRow row) {
    process(row.asReported());
  }

  public void process(ProcessState state) {
    report(state);
  }

  public void region(RegionConfig config, boolean ended) {
    region(config.asReported(ended));
  }

  public void region(RegionState state) {
    report(state);
  }

  /**
   * Tells an event.
   *
   * @param cause number of the event that led to it, as this method returned it
   * @param message one plain sentence
   */
  public long event(
      String kind,
      @Nullable ProcessId process,
      @Nullable RegionId region,
      @Nullable Long cause,
      String message,
      Map<String, Object> details) {
    if (region == null) {
      LOG.info("{}: {}", kind, message);
    } else {
      LOG.debug("{}: {}", kind, message);
    }
    return report(
        new Event(
            kind,
            process == null ? null : process.value(),
            region == null ? null : region.value(),
            cause,
            message,
            details));
  }

  private long report(StateChange change) {
    long sequence = reporter.report(change);
    lastSequence.accumulateAndGet(sequence, Math::max);
    return sequence;
  }

  /** Number of the newest thing that was told; 0 = nothing yet. */
  public long lastSequence() {
    return lastSequence.get();
  }

  /** Waits until all that was told before is in Kafka; see {@link StateReporter#flush}. */
  public long flush(long timeoutMs) {
    return reporter.flush(timeoutMs);
  }
}
