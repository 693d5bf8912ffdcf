package org.splitrack.manager.internal;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.splitrack.fabric.BootId;
import org.splitrack.fabric.ComponentId;
import org.splitrack.fabric.control.ComponentCalls.FlushReports;
import org.splitrack.fabric.control.ComponentCalls.ReportsFlushed;
import org.splitrack.fabric.control.ControlClient;
import org.splitrack.fabric.control.ControlFault;
import org.splitrack.fabric.control.ControlFault.Code;
import org.splitrack.manager.internal.authority.Tables;
import org.splitrack.manager.internal.membership.Member;
import org.splitrack.manager.internal.membership.MemberState;
import org.splitrack.manager.internal.membership.Membership;
import org.splitrack.manager.internal.report.RackReports;

/**
 * Waits until the tables show all that happened before: every component publishes what it has, then
 * the mirror is watched until it has read that far.
 */
public final class MirrorSync {
  private static final Duration POLL = Duration.ofMillis(20);

  private final ComponentId self;
  private final BootId boot;
  private final Membership membership;
  private final ControlClient control;
  private final RackReports reports;
  private final Tables tables;

  MirrorSync(
      ComponentId self,
      BootId boot,
      Membership membership,
      ControlClient control,
      RackReports reports,
      Tables tables) {
    this.self = self;
    this.boot = boot;
    this.membership = membership;
    this.control = control;
    this.reports = reports;
    this.tables = tables;
  }

  /**
   * Whether all was there in time.
   *
   * @param waitingFor sources that were not, each with what is missing
   */
  public record Synced(boolean synced, List<String> waitingFor) {}

  /** How far one source has to be, or why that is not known. */
  private sealed interface Target {
    record UpTo(ReportsFlushed flushed) implements Target {}

    record Unknown(String reason) implements Target {}
  }

  /** Waits at most {@code patience}, and a little for a component that does not answer. */
  public Synced sync(Duration patience) {
    long startNs = System.nanoTime();
    List<String> waitingFor = new ArrayList<>();
    List<ReportsFlushed> behind = new ArrayList<>();
    for (Target target : targets(patience)) {
      switch (target) {
        case Target.UpTo(ReportsFlushed flushed) -> behind.add(flushed);
        case Target.Unknown(String reason) -> waitingFor.add(reason);
      }
    }
    String tablesAway = null;
    do {
      try {
        behind.removeIf(this::isMirrored);
        tablesAway = null;
      } catch (ControlFault e) {
        tablesAway = e.getMessage();
      }
    } while (!behind.isEmpty() && System.nanoTime() - startNs < patience.toNanos() && sleep());
    for (ReportsFlushed flushed : behind) {
      waitingFor.add(
          flushed.source()
              + ": "
              + (tablesAway == null
                  ? "the tables are not at " + flushed.lastSequence() + " yet"
                  : tablesAway));
    }
    waitingFor.sort(Comparator.naturalOrder());
    return new Synced(waitingFor.isEmpty(), waitingFor);
  }

  private List<Target> targets(Duration patience) {
    List<Future<Target>> asked = new ArrayList<>();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (Member member : membership.members()) {
        if (member.state() == MemberState.UP || member.state() == MemberState.SUSPECT) {
          asked.add(threads.submit(() -> ask(member, patience)));
        }
      }
      asked.add(threads.submit(() -> own(patience)));
    }
    return asked.stream().map(Future::resultNow).toList();
  }

  private Target ask(Member member, Duration patience) {
    try {
      return new Target.UpTo(control.call(member.endpoint(), new FlushReports(), patience));
    } catch (ControlFault e) {
      return e.code() == Code.BAD_REQUEST
          ? new Target.UpTo(new ReportsFlushed(member.component().toString(), member.boot(), 0))
          : new Target.Unknown(member.component() + ": " + e.getMessage());
    }
  }

  private Target own(Duration patience) {
    long target = reports.lastSequence();
    return reports.flush(patience.toMillis()) >= target
        ? new Target.UpTo(new ReportsFlushed(self.toString(), boot, target))
        : new Target.Unknown(self + ": Kafka does not take what it has to say");
  }

  private boolean isMirrored(ReportsFlushed flushed) {
    return flushed.lastSequence() == 0
        || tables.mirroredUpTo(flushed.source(), flushed.boot()) >= flushed.lastSequence();
  }

  private static boolean sleep() {
    try {
      Thread.sleep(POLL);
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
