package org.splitrack.manager.internal.process;

import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.splitrack.fabric.ComponentId;
import org.splitrack.fabric.ProcessId;
import org.splitrack.fabric.control.ControlClient;
import org.splitrack.fabric.control.ControlFault;
import org.splitrack.fabric.control.ControlReply;
import org.splitrack.fabric.control.ControlRequest;
import org.splitrack.fabric.control.ProcessCalls.LoseProcess;
import org.splitrack.fabric.control.ProcessCalls.ProcessEnded;
import org.splitrack.fabric.control.ProcessCalls.StopProcess;
import org.splitrack.manager.internal.authority.ConfigStore;
import org.splitrack.manager.internal.authority.ProcessRow;
import org.splitrack.manager.internal.authority.ProcessRow.End;
import org.splitrack.manager.internal.authority.ProcessStatus;
import org.splitrack.manager.internal.membership.Member;
import org.splitrack.manager.internal.membership.Membership;
import org.splitrack.manager.internal.memory.RegionGrants;
import org.splitrack.manager.internal.memory.RegionReleases;
import org.splitrack.manager.internal.report.EventLinks;
import org.splitrack.manager.internal.report.RackReports;

/**
 * How processes end: by themselves, with their pComponent, or because memory of them was lost. An
 * end is decided once; then the regions go back, and then those who wait are told. Safe from any
 * thread.
 */
public final class ProcessEnds {
  /** For an orderly end with statistics, before a process is simply declared ended. */
  private static final Duration ORDERLY_END_LIMIT = Duration.ofSeconds(3);

  private static final Duration CALL_LIMIT = Duration.ofSeconds(2);
  private static final Duration RETRY_PAUSE = Duration.ofMillis(200);
  private static final Logger LOG = LoggerFactory.getLogger(ProcessEnds.class);

  private final ConfigStore store;
  private final Membership membership;
  private final RegionGrants grants;
  private final RegionReleases releases;
  private final ControlClient control;
  private final RackReports reports;
  private final EventLinks links;
  private final InstantSource clock;
  private final List<Consumer<ProcessId>> listeners = new CopyOnWriteArrayList<>();
  private final Map<ProcessId, CompletableFuture<ProcessRow>> awaited = new ConcurrentHashMap<>();
  private final Map<ProcessId, Verdict> verdicts = new ConcurrentHashMap<>();

  /** Why a process has to end, decided before it has; takes the place of what it then says. */
  private record Verdict(ProcessStatus status, int exitCode, String reason, @Nullable Long cause) {}

  public ProcessEnds(
      ConfigStore store,
      Membership membership,
      RegionGrants grants,
      RegionReleases releases,
      ControlClient control,
      RackReports reports,
      EventLinks links,
      InstantSource clock) {
    this.store = store;
    this.membership = membership;
    this.grants = grants;
    this.releases = releases;
    this.control = control;
    this.reports = reports;
    this.links = links;
    this.clock = clock;
  }

  /** From now on {@code listener} is told of each end; it must not wait. */
  public void onEnd(Consumer<ProcessId> listener) {
    listeners.add(listener);
  }

  /** Called for a process before it can end. */
  public void expect(ProcessId process) {
    awaited.putIfAbsent(process, new CompletableFuture<>());
  }

  /** It did not come to be. */
  void expectNoMore(ProcessId process) {
    awaited.remove(process);
  }

  /**
   * A pComponent says that a process has ended. One that is not known, has ended already or runs
   * elsewhere is ignored, so that the caller stops repeating it.
   *
   * @throws ControlFault BAD_REQUEST for a state that is none
   */
  public void on(ProcessEnded ended, ComponentId caller) {
    ProcessStatus status;
    try {
      status = ProcessStatus.ofEnded(ended.state());
    } catch (IllegalArgumentException e) {
      throw new ControlFault(ControlFault.Code.BAD_REQUEST, String.valueOf(e.getMessage()));
    }
    store
        .process(ended.process())
        .filter(row -> row.isRunning() && row.incarnation() == ended.incarnation())
        .filter(row -> row.component().equals(caller))
        .ifPresent(row -> end(row, status, ended.exitCode(), ended.reason(), ended.stats(), null));
  }

  /**
   * Memory of a process is gone, or cannot be reached. It is asked to end, and declared ended when
   * that takes too long. Does not wait.
   *
   * @param cause the event that led to it
   */
  public void lose(ProcessRow row, String reason, @Nullable Long cause) {
    Verdict verdict = new Verdict(ProcessStatus.LOST, ExitCodes.RACK_FAILED, reason, cause);
    if (verdicts.putIfAbsent(row.process(), verdict) != null) {
      return;
    }
    Thread.ofVirtual()
        .name("lose-" + row.process())
        .start(
            () -> {
              ask(row, new LoseProcess(row.process(), reason));
              if (awaitEnd(row.process(), ORDERLY_END_LIMIT)
                  .filter(r -> !r.isRunning())
                  .isEmpty()) {
                declare(row, ProcessStatus.LOST, ExitCodes.RACK_FAILED, reason, cause);
              }
            });
  }

  /**
   * The process is over, whatever its pComponent may say later. Waits for the authority, for as
   * long as this manager leads.
   */
  public void declare(
      ProcessRow row, ProcessStatus status, int exitCode, String reason, @Nullable Long cause) {
    while (store.leads()) {
      try {
        end(row, status, exitCode, reason, Map.of(), cause);
        return;
      } catch (ControlFault e) {
        LOG.warn("the end of process {} waits: {}", row.process(), e.getMessage());
        if (!pause()) {
          return;
        }
      }
    }
  }

  private static boolean pause() {
    try {
      Thread.sleep(RETRY_PAUSE);
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  /** Tells a pComponent to end a process that it should not run; its answer does not matter. */
  void askToStop(ProcessRow row, String reason) {
    ask(row, new StopProcess(row.process(), reason));
  }

  void askToStop(Member member, ProcessId process, String reason) {
    ask(member, new StopProcess(process, reason));
  }

  private void ask(ProcessRow row, ControlRequest<ControlReply.Done> request) {
    membership
        .member(row.component())
        .filter(member -> member.boot().equals(row.boot()))
        .ifPresent(member -> ask(member, request));
  }

  private void ask(Member member, ControlRequest<ControlReply.Done> request) {
    try {
      control.call(member.endpoint(), request, CALL_LIMIT);
    } catch (ControlFault e) {
      LOG.debug("{} did not take {}: {}", member.component(), request, e.getMessage());
    }
  }

  private void end(
      ProcessRow row,
      ProcessStatus status,
      int exitCode,
      @Nullable String reason,
      Map<String, Number> stats,
      @Nullable Long cause) {
    Verdict verdict = verdicts.get(row.process());
    Instant now = clock.instant();
    End end =
        verdict == null
            ? new End(status, exitCode, reason, now, stats)
            : new End(verdict.status(), verdict.exitCode(), verdict.reason(), now, stats);
    Optional<Ended> stored = store(row, end);
    verdicts.remove(row.process());
    if (stored.isEmpty()) {
      return;
    }
    ProcessRow ended = stored.get().row();
    reports.process(ended);
    Long led = verdict != null && verdict.cause() != null ? verdict.cause() : cause;
    tell(ended, end, led == null ? links.ofProcess(row.process()) : led);
    links.forget(row.process());
    listeners.forEach(listener -> listener.accept(row.process()));
    release(stored.get().holders());
    CompletableFuture<ProcessRow> future = awaited.remove(row.process());
    if (future != null) {
      future.complete(ended);
    }
  }

  private record Ended(ProcessRow row, List<ComponentId> holders) {}

  /** Empty when that incarnation has ended already. */
  private Optional<Ended> store(ProcessRow row, End end) {
    while (true) {
      Optional<ProcessRow> present =
          store
              .process(row.process())
              .filter(now -> now.isRunning() && now.incarnation() == row.incarnation());
      if (present.isEmpty()) {
        return Optional.empty();
      }
      ProcessRow ended = present.get().ended(end);
      Optional<List<ComponentId>> holders = grants.expel(present.get(), ended);
      if (holders.isPresent()) {
        return Optional.of(new Ended(ended, holders.get()));
      }
    }
  }

  /** One attempt at each holder, side by side; what does not answer is tried again later. */
  void release(List<ComponentId> holders) {
    if (holders.size() == 1) {
      releases.attempt(holders.getFirst());
    } else if (!holders.isEmpty()) {
      try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
        holders.forEach(holder -> threads.execute(() -> releases.attempt(holder)));
      }
    }
  }

  private void tell(ProcessRow row, End end, @Nullable Long cause) {
    StringBuilder message = new StringBuilder();
    message
        .append("Process ")
        .append(row.process())
        .append(" (")
        .append(row.spec().name())
        .append(") ")
        .append(
            switch (end.status()) {
              case EXITED -> "exited with code " + end.exitCode();
              case FAILED -> "failed with code " + end.exitCode();
              case LOST -> "was lost";
              case STOPPED -> "was stopped";
              case RUNNING -> throw new IllegalArgumentException("an end is not running");
            });
    if (end.reason() != null) {
      message.append(": ").append(end.reason());
    }
    message.append('.');
    reports.event(
        "process_ended",
        row.process(),
        null,
        cause,
        message.toString(),
        Map.of("state", end.status().text(), "exit_code", end.exitCode()));
  }

  /**
   * Waits for a process to end and its regions to be on their way back.
   *
   * @return its row, ended or, after {@code patience}, as it is; empty when it is not known
   */
  public Optional<ProcessRow> awaitEnd(ProcessId process, Duration patience) {
    CompletableFuture<ProcessRow> future = awaited.get(process);
    if (future != null) {
      try {
        return Optional.of(future.get(patience.toNanos(), TimeUnit.NANOSECONDS));
      } catch (TimeoutException e) {
        return store.process(process);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      } catch (ExecutionException e) {
        throw new IllegalStateException("an end is never completed with a failure", e);
      }
    }
    return store.process(process);
  }
}
