package org.splitrack.pcomponent.internal.program;

import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.splitrack.fabric.Endpoint;
import org.splitrack.fabric.ProcessId;
import org.splitrack.fabric.control.ControlClient;
import org.splitrack.fabric.control.ControlFault;
import org.splitrack.fabric.control.ProcessCalls.ProcessEnded;

/**
 * Tells the manager which processes have ended. The first attempt is made at once, so that a
 * command sees tables that know of the end; while the manager is away the rest goes on in the
 * background, at most {@value #MAX_ATTEMPTS} times.
 */
public final class EndReports {
  private static final Logger LOG = LoggerFactory.getLogger(EndReports.class);
  private static final Duration CALL_TIMEOUT = Duration.ofSeconds(2);
  private static final int MAX_ATTEMPTS = 200;
  private static final long FIRST_PAUSE_MS = 100;
  private static final long LONGEST_PAUSE_MS = 5_000;

  private final ControlClient client;
  private final Endpoint manager;
  private final Set<ProcessId> unheard = ConcurrentHashMap.newKeySet();

  public EndReports(ControlClient client, Endpoint manager) {
    this.client = client;
    this.manager = manager;
  }

  /** Returns when the manager knows, or after the first attempt that failed. */
  public void report(ProcessEnded ended) {
    unheard.add(ended.process());
    if (attempt(ended)) {
      unheard.remove(ended.process());
    } else {
      Thread.ofVirtual().name("process-" + ended.process() + "-report").start(() -> repeat(ended));
    }
  }

  /**
   * Processes that have ended, which the manager does not know yet: they still count as run here.
   */
  public Set<ProcessId> unheard() {
    return Set.copyOf(unheard);
  }

  private void repeat(ProcessEnded ended) {
    try {
      repeatUntilHeard(ended);
    } finally {
      unheard.remove(ended.process());
    }
  }

  private void repeatUntilHeard(ProcessEnded ended) {
    long pauseMs = FIRST_PAUSE_MS;
    for (int attempt = 2; attempt <= MAX_ATTEMPTS; attempt++) {
      try {
        Thread.sleep(pauseMs);
      } catch (InterruptedException _) {
        Thread.currentThread().interrupt();
        return;
      }
      if (attempt(ended)) {
        return;
      }
      pauseMs = Math.min(2 * pauseMs, LONGEST_PAUSE_MS);
    }
    LOG.error("process {} has ended; the manager was never reached", ended.process());
  }

  /** Whether nothing is left to do. */
  private boolean attempt(ProcessEnded ended) {
    try {
      client.call(manager, ended, CALL_TIMEOUT);
      return true;
    } catch (ControlFault fault) {
      return switch (fault.code()) {
        case UNREACHABLE, UNAVAILABLE, FULL, FAILED -> {
          LOG.debug("the end of process {} is told later: {}", ended.process(), fault.getMessage());
          yield false;
        }
        case NOT_FOUND, EXISTS, BAD_REQUEST, DENIED -> {
          LOG.warn("the end of process {} is not wanted: {}", ended.process(), fault.getMessage());
          yield true;
        }
      };
    }
  }
}
