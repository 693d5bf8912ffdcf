package org.splitrack.cli.internal.command;

import java.time.Duration;
import java.util.function.Supplier;
import org.splitrack.cli.internal.ExitCode;
import org.splitrack.cli.internal.RackFailure;
import org.splitrack.cli.internal.manager.ManagerClient;
import tools.jackson.databind.JsonNode;

/**
 * Asks the manager, for as long as a command is attached to a process, whether the rack has given
 * up the pComponent that runs it: one that is paused or cut off keeps its connection and says
 * nothing.
 */
final class LossWatch implements AutoCloseable {
  private static final Duration LOOK = Duration.ofSeconds(1);

  /** A pComponent that is there says so soon after the end of a process what it knows of it. */
  private static final Duration SILENCE_AFTER_END = Duration.ofSeconds(5);

  private final ManagerClient manager;
  private final ManagerClient.Started started;
  private final Supplier<Duration> silence;
  private final Runnable onLoss;
  private long endedNs;
  private boolean hasEnded;
  private final Thread thread = Thread.ofVirtual().name("loss-watch").unstarted(this::watch);

  private LossWatch(
      ManagerClient manager,
      ManagerClient.Started started,
      Supplier<Duration> silence,
      Runnable onLoss) {
    this.manager = manager;
    this.started = started;
    this.silence = silence;
    this.onLoss = onLoss;
  }

  /**
   * Begins to watch.
   *
   * @param silence for how long the pComponent has said nothing that was waited for
   * @param onLoss run once, when nothing that this start of the process says counts any more
   */
  static LossWatch start(
      ManagerClient manager,
      ManagerClient.Started started,
      Supplier<Duration> silence,
      Runnable onLoss) {
    LossWatch watch = new LossWatch(manager, started, silence, onLoss);
    watch.thread.start();
    return watch;
  }

  private void watch() {
    try {
      while (!isOver()) {
        Thread.sleep(LOOK);
      }
      onLoss.run();
    } catch (InterruptedException end) {
      Thread.currentThread().interrupt();
    }
  }

  /** A manager that is away says nothing, and neither does one that knows of no process. */
  private boolean isOver() {
    try {
      JsonNode end = manager.awaitEnd(started.process(), Duration.ZERO);
      return end == null
          ? manager.isReplaced(started)
          : end.path("exit_code").asInt(0) == ExitCode.COMPONENT_DIED || isSilentAfterEnd();
    } catch (RackFailure unknown) {
      return false;
    }
  }

  /** Whether the end was declared by others, while the pComponent was paused or cut off. */
  private boolean isSilentAfterEnd() {
    if (!hasEnded) {
      hasEnded = true;
      endedNs = System.nanoTime();
    }
    return System.nanoTime() - endedNs >= SILENCE_AFTER_END.toNanos()
        && silence.get().compareTo(SILENCE_AFTER_END) >= 0;
  }

  @Override
  public void close() {
    thread.interrupt();
  }
}
