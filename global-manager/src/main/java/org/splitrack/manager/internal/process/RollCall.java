package org.splitrack.manager.internal.process;

import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.splitrack.fabric.ProcessId;
import org.splitrack.fabric.control.ComponentCalls.Heartbeat;
import org.splitrack.manager.internal.authority.ConfigStore;
import org.splitrack.manager.internal.authority.ProcessRow;
import org.splitrack.manager.internal.authority.ProcessStatus;
import org.splitrack.manager.internal.membership.Member;

/**
 * Compares what a pComponent says it runs with what it should run: one that was declared ended, or
 * belongs to an earlier start of the manager, is stopped there; one that the pComponent keeps
 * leaving out is declared failed. Both are rare; without them a lost message would be for ever.
 */
public final class RollCall {
  /** A heartbeat may have been made up before the end that the manager knows of. */
  private static final Duration GRACE = Duration.ofSeconds(2);

  private static final int MAX_ABSENCES = 10;

  private final ConfigStore store;
  private final ProcessEnds ends;
  private final StorageFences fences;

  /** Heartbeats in a row that left a started process out. */
  private final Map<ProcessId, Integer> absences = new ConcurrentHashMap<>();

  public RollCall(ConfigStore store, ProcessEnds ends, StorageFences fences) {
    this.store = store;
    this.ends = ends;
    this.fences = fences;
  }

  /** From now on its pComponent has to list it until it ends. */
  public void started(ProcessId process) {
    absences.put(process, 0);
  }

  /** Takes the list of one heartbeat of a pComponent. Does not wait. */
  public void on(Heartbeat heartbeat, Member member, Instant now) {
    if (!store.leads()) {
      return;
    }
    if (fences.isFenced(member.boot())
        && heartbeat.processes().stream().allMatch(number -> runsThere(number, member))) {
      fences.lower(member.component(), member.boot());
    }
    Set<ProcessId> listed = new HashSet<>();
    heartbeat.processes().forEach(number -> listed.add(new ProcessId(number)));
    for (ProcessId process : listed) {
      if (!mayRun(process, member, now)) {
        Thread.ofVirtual()
            .start(() -> ends.askToStop(member, process, "the rack counts it as ended"));
      }
    }
    for (ProcessId process : List.copyOf(absences.keySet())) {
      Optional<ProcessRow> row = store.process(process).filter(ProcessRow::isRunning);
      if (row.isEmpty()) {
        absences.remove(process);
      } else if (row.get().runsAt(member.component(), member.boot())) {
        count(row.get(), listed.contains(process));
      }
    }
  }

  private boolean runsThere(long number, Member member) {
    return store
        .process(new ProcessId(number))
        .filter(ProcessRow::isRunning)
        .filter(row -> row.runsAt(member.component(), member.boot()))
        .isPresent();
  }

  private boolean mayRun(ProcessId process, Member member, Instant now) {
    return store
        .process(process)
        .map(
            row -> {
              ProcessRow.End end = row.end();
              return end == null
                  ? row.runsAt(member.component(), member.boot())
                  : end.endedAt().plus(GRACE).isAfter(now);
            })
        .orElse(false);
  }

  private void count(ProcessRow row, boolean listed) {
    Integer absent =
        absences.computeIfPresent(row.process(), (process, before) -> listed ? 0 : before + 1);
    if (absent != null && absent >= MAX_ABSENCES && absences.remove(row.process()) != null) {
      Thread.ofVirtual()
          .start(
              () ->
                  ends.declare(
                      row,
                      ProcessStatus.FAILED,
                      ExitCodes.RACK_FAILED,
                      row.component() + " does not know it any more",
                      null));
    }
  }
}
