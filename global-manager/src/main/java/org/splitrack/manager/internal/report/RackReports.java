package org.splitrack.manager.internal.report;

import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.splitrack.fabric.ComponentId;
import org.splitrack.fabric.ProcessId;
import org.splitrack.fabric.RegionId;
import org.splitrack.fabric.region.RegionConfig;
import org.splitrack.fabric.report.StateChange;
import org.splitrack.fabric.report.StateChange.ComponentState;
import org.splitrack.fabric.report.StateChange.Event;
import org.splitrack.fabric.report.StateChange.FailoverState;
import org.splitrack.fabric.report.StateChange.MigrationState;
import org.splitrack.fabric.report.StateChange.ProcessState;
import org.splitrack.fabric.report.StateChange.RegionState;
import org.splitrack.fabric.report.StateReporter;
import org.splitrack.manager.internal.authority.ProcessRow;
import org.splitrack.manager.internal.membership.Member;

/** What the manager tells the tables: rows as they change, and the story in sentences. */
public final class RackReports {
  private static final Logger LOG = LoggerFactory.getLogger(RackReports.class);

  private final StateReporter reporter;
  private final Function<ComponentId, String> nodeOf;
  private final AtomicLong lastSequence = new AtomicLong();

  /**
   * @param nodeOf machine or Kubernetes node of a component, empty when it is not known
   */
  public RackReports(StateReporter reporter, Function<ComponentId, String> nodeOf) {
    this.reporter = reporter;
    this.nodeOf = nodeOf;
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

  /** {@code ended} removes the row. */
  public void region(RegionConfig config, boolean ended) {
    int copies = config.state() == RegionConfig.State.LOST ? 0 : 1 + config.secondaries().size();
    report(
        new RegionState(
            config.region().value(),
            config.process().value(),
            config.index(),
            config.home().component().toString(),
            config.secondaries().stream().map(place -> place.component().toString()).toList(),
            config.epoch(),
            config.term(),
            "private",
            config.reservedPages(),
            copies,
            config.ack().copiesWanted() + config.ack().logsWanted(),
            protection(config, copies),
            config.isMigrating(),
            ended));
  }

  private String protection(RegionConfig config, int copies) {
    if (copies < 2 || !config.ack().waitsForCopies()) {
      return "none";
    }
    String home = nodeOf.apply(config.home().component());
    boolean otherNode =
        config.secondaries().stream()
            .anyMatch(place -> !nodeOf.apply(place.component()).equals(home));
    return otherNode ? "node" : "pod";
  }

  public void migration(MigrationState state) {
    report(state);
  }

  public void failover(FailoverState state) {
    report(state);
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

  /** See {@link StateReporter#trouble}. */
  public String trouble() {
    return reporter.trouble();
  }
}
