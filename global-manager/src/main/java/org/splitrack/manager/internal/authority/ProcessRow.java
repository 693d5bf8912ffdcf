package org.splitrack.manager.internal.authority;

import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.splitrack.fabric.BootId;
import org.splitrack.fabric.ComponentId;
import org.splitrack.fabric.Endpoint;
import org.splitrack.fabric.ProcessId;
import org.splitrack.fabric.control.ProcessSpec;
import org.splitrack.fabric.report.StateChange.ProcessState;

/**
 * A process, as the authority knows it; immutable, replaced by compare-and-set.
 *
 * @param incarnation which run of the process; effects of another one are refused
 * @param place where it runs
 * @param ticket what a command must show that attaches to it
 * @param effectsLeft whether something may have left this run: output delivered or a file changed
 * @param end null while it runs
 */
public record ProcessRow(
    ProcessId process,
    int incarnation,
    ProcessSpec spec,
    Place place,
    String ticket,
    boolean effectsLeft,
    Instant startedAt,
    @Nullable End end) {

  /** One start of a pComponent. */
  public record Place(ComponentId component, BootId boot, Endpoint endpoint) {}

  /**
   * How it ended.
   *
   * @param reason one line; null when it exited by itself
   * @param stats the keys of {@code --stats}
   */
  public record End(
      ProcessStatus status,
      int exitCode,
      @Nullable String reason,
      Instant endedAt,
      Map<String, Number> stats) {
    public End {
      if (status == ProcessStatus.RUNNING) {
        throw new IllegalArgumentException("an end is not running");
      }
      stats = Map.copyOf(stats);
    }
  }

  public ComponentId component() {
    return place.component();
  }

  public BootId boot() {
    return place.boot();
  }

  public ProcessRow ended(End end) {
    return new ProcessRow(process, incarnation, spec, place, ticket, effectsLeft, startedAt, end);
  }

  /** Something is about to leave this run. */
  public ProcessRow withEffects() {
    return new ProcessRow(process, incarnation, spec, place, ticket, true, startedAt, end);
  }

  /** The next run of it: from the beginning, elsewhere, with nothing of this one. */
  public ProcessRow restarted(Place elsewhere, String nextTicket) {
    return new ProcessRow(
        process, incarnation + 1, spec, elsewhere, nextTicket, false, startedAt, null);
  }

  /** Whether it was placed on that start of that pComponent. */
  public boolean runsAt(ComponentId component, BootId boot) {
    return component().equals(component) && boot().equals(boot);
  }

  public boolean isRunning() {
    return end == null;
  }

  public ProcessStatus status() {
    return end == null ? ProcessStatus.RUNNING : end.status();
  }

  /** The row of {@code api.processes}. */
  public ProcessState asReported() {
    return new ProcessState(
        process.value(),
        spec.name(),
        spec.args().isEmpty() ? spec.name() : spec.args().getFirst(),
        spec.programDigest(),
        spec.args(),
        spec.tenant(),
        spec.owner(),
        component().toString(),
        status().text(),
        end == null ? null : end.exitCode(),
        spec.ack(),
        spec.safety(),
        startedAt,
        end == null ? null : end.endedAt(),
        end == null ? Map.of() : end.stats());
  }
}
