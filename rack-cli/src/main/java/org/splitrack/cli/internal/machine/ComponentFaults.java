package org.splitrack.cli.internal.machine;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.splitrack.cli.internal.ExitCode;
import org.splitrack.cli.internal.Progress;
import org.splitrack.cli.internal.RackFailure;
import org.splitrack.fabric.ComponentId;

/**
 * Faults of one component of a rack on this machine. A signal goes only to a process that this rack
 * started and that has not ended since; with PostgreSQL, which works in many processes, to all of
 * them.
 */
public final class ComponentFaults {
  private static final Duration LOCK_PATIENCE = Duration.ofMinutes(3);
  private static final Duration END_PATIENCE = Duration.ofSeconds(10);
  private static final long POLL_MS = 5;

  private final StateDirectory state;
  private final Progress progress;

  public ComponentFaults(StateDirectory state, Progress progress) {
    this.state = state;
    this.progress = progress;
  }

  /** SIGKILL; returns when the process is gone. It stays dead until it is started. */
  public void kill(ComponentId id) {
    try (var _ = hold()) {
      ProcessMark process = running(id);
      List<ProcessMark> family = process.family();
      // The parent first: it starts no new children then.
      family.forEach(one -> one.signal("KILL"));
      awaitGone(id, family);
      // Others may ask for a process by its number: give its parent a moment to take note.
      RackStop.awaitRemains(family);
    }
  }

  /** SIGSTOP: it holds its memory and its connections, and does nothing. */
  public void pause(ComponentId id) {
    try (var _ = hold()) {
      ProcessMark process = running(id);
      if (process.paused()) {
        throw RackFailure.failed(id + " is paused already: ./rack resume " + id + " wakes it");
      }
      // Again for children that were started meanwhile.
      process.family().forEach(one -> one.signal("STOP"));
      process.family().forEach(one -> one.signal("STOP"));
    }
  }

  /** SIGCONT after {@link #pause}. */
  public void resume(ComponentId id) {
    try (var _ = hold()) {
      ProcessMark process = running(id);
      if (!process.paused()) {
        throw RackFailure.failed(id + " is not paused");
      }
      // The children first, so that their parent finds them at work.
      process.family().reversed().forEach(one -> one.signal("CONT"));
    }
  }

  /** Starts one that has died; returns when it is ready. */
  public void start(ComponentId id) {
    try (var _ = hold()) {
      RackFile rack = rackWith(id);
      Optional<ProcessMark> before = process(rack, id);
      if (before.isPresent()) {
        throw RackFailure.failed(
            before.get().paused()
                ? id + " is paused: ./rack resume " + id + " wakes it"
                : id + " is running already");
      }
      new RackStart(state, Installation.current(), progress).startOne(rack, id);
    }
  }

  /** An orderly end, if it runs, and a start: the same name, with nothing in its memory. */
  public void restart(ComponentId id) {
    try (var _ = hold()) {
      RackFile rack = rackWith(id);
      rack.living().stream()
          .filter(component -> component.component().equals(id))
          .forEach(component -> RackStop.end(List.of(component)));
      new RackStart(state, Installation.current(), progress).startOne(rack, id);
    }
  }

  /** The state directory, for one command at a time; where no rack runs there is none to hold. */
  private StateDirectory.Held hold() {
    state.running();
    return state.lock(progress, LOCK_PATIENCE);
  }

  private ProcessMark running(ComponentId id) {
    return process(rackWith(id), id)
        .orElseThrow(
            () -> RackFailure.failed(id + " is not running: ./rack start " + id + " starts it"));
  }

  private RackFile rackWith(ComponentId id) {
    RackFile rack = state.running();
    if (!rack.has(id)) {
      throw RackFailure.failed(
          "there is no %s in this rack: ./rack components lists them".formatted(id));
    }
    return rack;
  }

  private static Optional<ProcessMark> process(RackFile rack, ComponentId id) {
    return rack.living().stream()
        .filter(component -> component.component().equals(id))
        .map(RackFile.Component::process)
        .findFirst();
  }

  private static void awaitGone(ComponentId id, List<ProcessMark> family) {
    long endNs = System.nanoTime() + END_PATIENCE.toNanos();
    while (family.stream().anyMatch(ProcessMark::alive)) {
      if (System.nanoTime() - endNs > 0) {
        throw RackFailure.failed(
            "%s has not ended %d s after SIGKILL: the machine may be waiting for a disk"
                .formatted(id, END_PATIENCE.toSeconds()));
      }
      try {
        Thread.sleep(POLL_MS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw RackFailure.of(ExitCode.INTERRUPTED, "interrupted");
      }
    }
  }
}
