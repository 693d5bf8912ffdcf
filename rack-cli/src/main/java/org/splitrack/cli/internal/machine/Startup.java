package org.splitrack.cli.internal.machine;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorCompletionService;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.splitrack.cli.internal.ExitCode;
import org.splitrack.cli.internal.Progress;
import org.splitrack.cli.internal.RackFailure;
import org.splitrack.fabric.ComponentId;

/**
 * One start of some components: all at once, then a wait for each. When one dies, the time is up or
 * the command is interrupted, those that it started end again.
 */
final class Startup {
  static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final long PROBE_INTERVAL_MS = 100;

  private final StateDirectory state;
  private final RackFile rack;
  private final Progress progress;
  private final List<RackFile.Component> running;
  private final List<RackFile.Component> started = new ArrayList<>();
  private boolean abandoned;

  Startup(StateDirectory state, RackFile rack, List<RackFile.Component> living, Progress progress) {
    this.state = state;
    this.rack = rack;
    this.progress = progress;
    this.running = new ArrayList<>(living);
  }

  /** Returns when all are ready. */
  RackFile run(List<ComponentLaunch> launches) {
    // Ctrl-C ends the JVM: the hook takes back what was begun.
    Thread takeBack = new Thread(this::endStarted, "take-back");
    Runtime.getRuntime().addShutdownHook(takeBack);
    boolean up = false;
    try {
      for (ComponentLaunch launch : launches) {
        start(launch);
      }
      await(launches);
      RackFile complete = rack.with(RackFile.UP, running);
      state.write(complete);
      up = true;
      return complete;
    } finally {
      if (up) {
        Runtime.getRuntime().removeShutdownHook(takeBack);
      } else {
        endStarted();
      }
    }
  }

  /** Written down at once: a command that is killed here leaves no process that nobody knows. */
  private synchronized void start(ComponentLaunch launch) {
    if (abandoned) {
      throw RackFailure.of(ExitCode.INTERRUPTED, "interrupted");
    }
    RackFile.Component component = launch.start();
    started.add(component);
    running.add(component);
    state.write(rack.with(RackFile.STARTING, running));
  }

  private synchronized void endStarted() {
    if (abandoned) {
      return;
    }
    abandoned = true;
    progress.say("ending what was started");
    RackStop.end(started);
    running.removeAll(started);
    state.write(rack.with(running.isEmpty() ? RackFile.DOWN : RackFile.STARTING, running));
  }

  private void await(List<ComponentLaunch> launches) {
    long beginNs = System.nanoTime();
    try (ExecutorService waiters = Executors.newVirtualThreadPerTaskExecutor()) {
      ExecutorCompletionService<ComponentId> ready = new ExecutorCompletionService<>(waiters);
      for (int i = 0; i < launches.size(); i++) {
        ComponentLaunch launch = launches.get(i);
        ProcessMark process = started.get(i).process();
        ready.submit(() -> awaitOne(launch, process, beginNs));
      }
      try {
        for (int i = 0; i < launches.size(); i++) {
          Future<ComponentId> one = ready.take();
          progress.say(
              "%s is ready after %.1f s (%d of %d)"
                  .formatted(
                      one.get(),
                      TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - beginNs) / 1000.0,
                      i + 1,
                      launches.size()));
        }
      } catch (java.util.concurrent.ExecutionException e) {
        waiters.shutdownNow();
        if (e.getCause() instanceof RackFailure failure) {
          throw failure;
        }
        throw new IllegalStateException(e.getCause());
      } catch (InterruptedException e) {
        waiters.shutdownNow();
        Thread.currentThread().interrupt();
        throw RackFailure.of(ExitCode.INTERRUPTED, "interrupted");
      }
    }
  }

  private static ComponentId awaitOne(ComponentLaunch launch, ProcessMark process, long beginNs)
      throws InterruptedException {
    while (!launch.readiness().ready()) {
      if (!process.alive()) {
        throw RackFailure.failed(
            "%s ended while it started: %s".formatted(launch.id(), lastWords(launch)));
      }
      if (System.nanoTime() - beginNs > PATIENCE.toNanos()) {
        throw RackFailure.failed(
            "%s was not ready after %d s: %s"
                .formatted(launch.id(), PATIENCE.toSeconds(), lastWords(launch)));
      }
      Thread.sleep(PROBE_INTERVAL_MS);
    }
    return launch.id();
  }

  /** What it logged last, or, when it did not come to that, what it printed. */
  private static String lastWords(ComponentLaunch launch) {
    String logged = StateDirectory.lastWords(launch.log());
    return logged.equals(StateDirectory.WROTE_NOTHING)
        ? "%s (see %s)".formatted(StateDirectory.lastWords(launch.output()), launch.output())
        : "%s (see %s)".formatted(logged, launch.log());
  }
}
