package org.splitrack.manager.internal;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.splitrack.fabric.BootId;
import org.splitrack.fabric.ComponentId;
import org.splitrack.fabric.Role;
import org.splitrack.manager.internal.authority.ConfigStore;
import org.splitrack.manager.internal.authority.ProcessRow;
import org.splitrack.manager.internal.authority.ProcessStatus;
import org.splitrack.manager.internal.authority.RegionConfig;
import org.splitrack.manager.internal.membership.Member;
import org.splitrack.manager.internal.membership.MembershipChange;
import org.splitrack.manager.internal.memory.MemoryLedger;
import org.splitrack.manager.internal.process.ExitCodes;
import org.splitrack.manager.internal.process.ProcessEnds;
import org.splitrack.manager.internal.process.ProcessStarts;
import org.splitrack.manager.internal.report.RackReports;

/**
 * What follows from a change of membership: rows and events for the tables, and the end of
 * processes that cannot go on. Does not wait for any component.
 */
final class MembershipReactions {
  private final ConfigStore store;
  private final MemoryLedger ledger;
  private final ProcessEnds ends;
  private final ProcessStarts starts;
  private final RackReports reports;

  /** The newest event about a component: what follows for its processes is caused by it. */
  private final Map<ComponentId, Long> newestEvent = new ConcurrentHashMap<>();

  MembershipReactions(
      ConfigStore store,
      MemoryLedger ledger,
      ProcessEnds ends,
      ProcessStarts starts,
      RackReports reports) {
    this.store = store;
    this.ledger = ledger;
    this.ends = ends;
    this.starts = starts;
    this.reports = reports;
  }

  void on(List<MembershipChange> changes) {
    changes.forEach(this::on);
  }

  private void on(MembershipChange change) {
    Member member = change.member();
    switch (change) {
      case MembershipChange.Refreshed _ -> reports.component(member);
      case MembershipChange.Joined _ -> {
        reports.component(member);
        tell("component_up", member, "is up with " + mib(member.capacityBytes()) + " MiB");
      }
      case MembershipChange.Recovered _ -> {
        reports.component(member);
        tell("component_up", member, "answers again");
      }
      case MembershipChange.Suspected _ -> {
        reports.component(member);
        tell("component_suspect", member, "has been silent for " + seconds(member) + " s");
      }
      case MembershipChange.WentDown _ -> {
        reports.component(member);
        tell("component_down", member, "is down, silent for " + seconds(member) + " s");
        endProcessesOf(member, "is down");
      }
      case MembershipChange.GivenUp _ ->
          loseRegionsOf(member, "has been down for " + seconds(member) + " s");
      case MembershipChange.BootGone _ -> {
        tell("component_restarted", member, "started anew; what it had in memory is gone");
        endProcessesOf(member, "was restarted");
        loseRegionsOf(member, "was restarted");
        forget(member.boot());
      }
      case MembershipChange.Departed _ -> {
        reports.component(member);
        tell("component_left", member, "has stopped");
        endProcessesOf(member, "was stopped");
        loseRegionsOf(member, "was stopped");
      }
    }
  }

  private void endProcessesOf(Member member, String what) {
    if (!member.hasRole(Role.PCOMPONENT)) {
      return;
    }
    for (ProcessRow row : store.runningProcesses()) {
      if (row.runsAt(member.component(), member.boot())) {
        Thread.ofVirtual()
            .start(
                () ->
                    ends.declare(
                        row,
                        ProcessStatus.FAILED,
                        ExitCodes.COMPONENT_DIED,
                        "its pComponent " + member.component() + " " + what,
                        newestEvent.get(member.component())));
      }
    }
  }

  private void loseRegionsOf(Member member, String what) {
    if (!member.hasRole(Role.MCOMPONENT)) {
      return;
    }
    for (ProcessRow row : store.runningProcesses()) {
      List<RegionConfig> lost =
          store.regionsOf(row.process()).stream()
              .filter(config -> config.isAt(member.component(), member.boot()))
              .toList();
      if (!lost.isEmpty()) {
        lose(row, lost, member, what);
      }
    }
  }

  private void lose(ProcessRow row, List<RegionConfig> lost, Member member, String what) {
    @Nullable Long cause = newestEvent.get(member.component());
    for (RegionConfig config : lost) {
      reports.event(
          "region_lost",
          row.process(),
          config.region(),
          cause,
          "Region "
              + config.region()
              + " of process "
              + row.process()
              + " had its only copy on "
              + member.component()
              + ", which "
              + what
              + ".",
          Map.of("home", member.component().toString()));
    }
    ends.lose(
        row,
        member.component() + " " + what + " and held " + lost.size() + " of its regions, one copy",
        cause);
  }

  private void forget(BootId boot) {
    ledger.forget(boot);
    starts.forget(boot);
  }

  private void tell(String kind, Member member, String what) {
    long event =
        reports.event(
            kind,
            null,
            null,
            newestEvent.get(member.component()),
            member.component() + " " + what + ".",
            Map.of("component", member.component().toString(), "boot", member.boot().toString()));
    newestEvent.put(member.component(), event);
  }

  private static String seconds(Member member) {
    return String.format(Locale.ROOT, "%.1f", member.silentNs() / 1e9);
  }

  private static long mib(long bytes) {
    return bytes >> 20;
  }
}
