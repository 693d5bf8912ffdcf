package org.splitrack.cli.internal.machine;

import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.splitrack.cli.internal.Progress;
import org.splitrack.cli.internal.RackFailure;
import org.splitrack.fabric.Role;

/** {@code rack down}: ends every process of a rack, the services first, then what they write to. */
public final class RackStop {
  private static final Duration PATIENCE = Duration.ofSeconds(150);
  private static final Duration SERVICES_PATIENCE = Duration.ofSeconds(8);
  private static final Duration STORES_PATIENCE = Duration.ofSeconds(20);
  private static final Duration REMAINS_PATIENCE = Duration.ofSeconds(1);
  private static final long POLL_MS = 20;

  private final StateDirectory state;
  private final Progress progress;

  public RackStop(StateDirectory state, Progress progress) {
    this.state = state;
    this.progress = progress;
  }

  /**
   * Returns when every process has ended. Harmless when none runs.
   *
   * @param purge deletes the state directory too, with all files and tables
   */
  public void down(boolean purge) {
    if (!Files.exists(state.path())) {
      progress.say("no rack in " + state.path());
      return;
    }
    try (var _ = state.lock(progress, PATIENCE)) {
      Optional<RackFile> rack = state.read();
      if (rack.isEmpty() && purge && !isEmptyState()) {
        throw RackFailure.failed(
            state.path() + " holds no rack.json, so it is not deleted: look into it");
      }
      List<RackFile.Component> living = rack.map(RackFile::living).orElse(List.of());
      if (living.isEmpty()) {
        progress.say("no rack is running in " + state.path());
      } else {
        end(living);
        progress.say("the rack is down");
      }
      rack.ifPresent(r -> state.write(r.with(RackFile.DOWN, List.of())));
      if (purge) {
        state.delete();
        progress.say("deleted " + state.path());
      }
    }
  }

  /** What a start that failed at its first step leaves: nothing but our own empty folders. */
  private boolean isEmptyState() {
    try (var files = Files.list(state.path())) {
      return files.allMatch(
          f -> List.of("lock", "logs", "data", "secrets").contains(f.getFileName().toString()));
    } catch (IOException e) {
      throw RackFailure.failed("cannot read " + state.path() + ": " + RackFailure.reason(e));
    }
  }

  /** Ends these in order: SIGTERM, and SIGKILL for what has not ended by then. */
  static void end(List<RackFile.Component> components) {
    List<ProcessMark> services =
        components.stream().filter(c -> !isStore(c)).map(RackFile.Component::process).toList();
    services.forEach(process -> process.signal("TERM"));
    // One that was paused takes its signal when it goes on.
    components.stream()
        .flatMap(component -> component.process().family().stream())
        .filter(ProcessMark::paused)
        .forEach(process -> process.signal("CONT"));
    awaitOrKill(services, SERVICES_PATIENCE);
    List<RackFile.Component> stores = components.stream().filter(RackStop::isStore).toList();
    for (RackFile.Component store : stores) {
      // PostgreSQL takes SIGTERM as: wait until every client has gone; SIGINT as: end now, cleanly.
      store.process().signal(store.component().role() == Role.POSTGRES ? "INT" : "TERM");
    }
    awaitOrKill(stores.stream().map(RackFile.Component::process).toList(), STORES_PATIENCE);
    // Others may ask for a process by its number: give its parent a moment to take note of its end.
    List<ProcessMark> all = components.stream().map(RackFile.Component::process).toList();
    awaitRemains(all);
  }

  /** Returns a moment after they have ended, or as soon as their parents have taken note of it. */
  static void awaitRemains(List<ProcessMark> ended) {
    awaitNone(ended, ProcessMark::remains, REMAINS_PATIENCE);
  }

  private static boolean isStore(RackFile.Component component) {
    return component.component().role() == Role.POSTGRES
        || component.component().role() == Role.KAFKA;
  }

  private static void awaitOrKill(List<ProcessMark> processes, Duration patience) {
    awaitNone(processes, ProcessMark::alive, patience);
    List<ProcessMark> stubborn = processes.stream().filter(ProcessMark::alive).toList();
    stubborn.forEach(process -> process.signal("KILL"));
    awaitNone(stubborn, ProcessMark::alive, patience);
  }

  private static void awaitNone(
      List<ProcessMark> processes, Predicate<ProcessMark> still, Duration patience) {
    long endNs = System.nanoTime() + patience.toNanos();
    while (processes.stream().anyMatch(still) && System.nanoTime() - endNs < 0) {
      try {
        Thread.sleep(POLL_MS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
    }
  }
}
