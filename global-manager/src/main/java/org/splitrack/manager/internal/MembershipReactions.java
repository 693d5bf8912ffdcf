package org.splitrack.manager.internal;

import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.splitrack.fabric.BootId;
import org.splitrack.fabric.ComponentId;
import org.splitrack.fabric.Role;
import org.splitrack.fabric.region.CopyRole;
import org.splitrack.fabric.region.RegionConfig;
import org.splitrack.manager.internal.authority.ConfigStore;
import org.splitrack.manager.internal.authority.ProcessRow;
import org.splitrack.manager.internal.authority.ProcessStatus;
import org.splitrack.manager.internal.membership.Member;
import org.splitrack.manager.internal.membership.MemberState;
import org.splitrack.manager.internal.membership.Membership;
import org.splitrack.manager.internal.membership.MembershipChange;
import org.splitrack.manager.internal.memory.Departures;
import org.splitrack.manager.internal.memory.MemoryLedger;
import org.splitrack.manager.internal.memory.RegionStory;
import org.splitrack.manager.internal.memory.RegionWatch;
import org.splitrack.manager.internal.pod.PodListener;
import org.splitrack.manager.internal.process.ExitCodes;
import org.splitrack.manager.internal.process.ProcessEnds;
import org.splitrack.manager.internal.process.ProcessStarts;
import org.splitrack.manager.internal.process.StorageFences;
import org.splitrack.manager.internal.report.EventLinks;
import org.splitrack.manager.internal.report.RackReports;

/**
 * What follows from a change of membership: rows and events for the tables, news for who watches
 * the regions, and the end or restart of processes that cannot go on. Does not wait for any
 * component.
 */
final class MembershipReactions implements PodListener {
  private final ConfigStore store;
  private final Membership membership;
  private final MemoryLedger ledger;
  private final RegionWatch watch;
  private final Departures departures;
  private final ProcessEnds ends;
  private final ProcessStarts starts;
  private final StorageFences fences;
  private final RackReports reports;
  private final EventLinks links;
  private final InstantSource clock;

  /**
   * Starts that fell silent while most others of their role answered, and have not spoken since.
   */
  private final Set<BootId> missing = ConcurrentHashMap.newKeySet();

  MembershipReactions(
      ConfigStore store,
      Membership membership,
      MemoryLedger ledger,
      RegionWatch watch,
      Departures departures,
      ProcessEnds ends,
      ProcessStarts starts,
      StorageFences fences,
      RackReports reports,
      EventLinks links,
      InstantSource clock) {
    this.store = store;
    this.membership = membership;
    this.ledger = ledger;
    this.watch = watch;
    this.departures = departures;
    this.ends = ends;
    this.starts = starts;
    this.fences = fences;
    this.reports = reports;
    this.links = links;
    this.clock = clock;
  }

  void on(List<MembershipChange> changes) {
    changes.forEach(this::on);
  }

  /** A component that was there before this manager led. */
  void isThere(Member member) {
    if (isMemory(member)) {
      watch.onPresent(member);
    } else if (member.hasRole(Role.SCOMPONENT)) {
      fences.compare(member);
    }
  }

  @Override
  public void starting(ComponentId component, String node) {
    if (membership.member(component).filter(Member::answers).isEmpty()) {
      reports.event(
          "component_starting",
          null,
          null,
          links.ofComponent(component),
          component + " starts on " + node,
          Map.of("component", component.toString(), "node", node));
    }
  }

  @Override
  public void leaving(ComponentId component, String address) {
    if (membership
        .member(component)
        .filter(member -> member.endpoint().host().equals(address))
        .isPresent()) {
      departures.exclude(component);
    }
  }

  /** It is asked whether it lives, and gets nothing new until it is heard of again. */
  @Override
  public void doubt(ComponentId component, String address, String why) {
    membership
        .member(component)
        .filter(member -> member.answers() && member.endpoint().host().equals(address))
        .ifPresent(
            member ->
                membership
                    .unanswered(component, member.boot(), false)
                    .forEach(change -> suspected(change.member(), why)));
  }

  private void on(MembershipChange change) {
    Member member = change.member();
    switch (change) {
      case MembershipChange.Refreshed _ -> reports.component(member);
      case MembershipChange.Joined _ -> {
        missing.remove(member.boot());
        reports.component(member);
        isThere(member);
        if (isMemory(member)) {
          watch.drain(member.component(), member.draining());
        }
        tell("component_up", member, "is up with " + mib(member.capacityBytes()) + " MiB");
      }
      case MembershipChange.Recovered _ -> {
        missing.remove(member.boot());
        reports.component(member);
        isThere(member);
        tell("component_up", member, "answers again");
      }
      case MembershipChange.Suspected _ ->
          suspected(member, "silent for " + seconds(member) + " s");
      case MembershipChange.WentDown _ -> {
        report(member);
        if (!isMemory(member)) {
          tell("component_down", member, "is down, silent for " + seconds(member) + " s");
        }
        if (isMissing(member)) {
          endProcessesOf(member, "is down");
        }
      }
      case MembershipChange.GivenUp _ -> {
        endProcessesOf(member, "is down");
        loseRegionsOf(member);
      }
      case MembershipChange.BootGone _ -> {
        missing.remove(member.boot());
        tellRestart(member);
        endProcessesOf(member, "was restarted");
        loseMemoryOf(member);
      }
      case MembershipChange.Departed _ -> {
        missing.remove(member.boot());
        reports.component(member);
        tell("component_left", member, "has stopped");
        endProcessesOf(member, "was stopped");
        loseMemoryOf(member);
      }
    }
  }

  private void suspected(Member member, String what) {
    report(member);
    if (isMemory(member)) {
      watch.onPresent(member);
      watch.onSuspected(member, what);
    } else if (member.isRegistered()) {
      tell("component_suspected", member, "is suspected: " + what);
    }
  }

  /** One that only rows name has no figures yet that could be shown. */
  private void report(Member member) {
    if (member.isRegistered()) {
      reports.component(member);
    }
  }

  private static boolean isMemory(Member member) {
    return member.hasRole(Role.MCOMPONENT);
  }

  /**
   * A silent component is missing, unless most of its role are silent: when so many fall silent at
   * once, it may be this manager that does not hear. Those that are missing already say nothing
   * about that.
   */
  private boolean isMissing(Member member) {
    if (!missing.contains(member.boot())) {
      List<Member> counted =
          membership.members().stream()
              .filter(other -> other.hasRole(member.component().role()))
              .filter(other -> other.state() != MemberState.LEFT)
              .filter(other -> !missing.contains(other.boot()))
              .toList();
      long silent = counted.stream().filter(other -> !other.answers()).count();
      if (counted.size() > 1 && 2 * silent > counted.size()) {
        return false;
      }
      missing.add(member.boot());
    }
    return true;
  }

  private void endProcessesOf(Member member, String what) {
    if (!member.hasRole(Role.PCOMPONENT) || !store.leads()) {
      return;
    }
    for (ProcessRow row : store.runningProcesses()) {
      if (row.runsAt(member.component(), member.boot())) {
        Thread.ofVirtual().name("end-" + row.process()).start(() -> end(row, member, what));
      }
    }
  }

  private void end(ProcessRow row, Member member, String what) {
    @Nullable Long cause = links.ofComponent(member.component());
    String reason = "its pComponent " + member.component() + " " + what;
    fences.raise(member.component(), member.boot());
    if (membership.answers(member.component(), member.boot())) {
      // It spoke while it was being fenced off, which takes as long as sComponents take to answer.
      return;
    }
    if (!member.isRegistered()) {
      ends.declare(
          row, ProcessStatus.LOST, ExitCodes.RACK_FAILED, reason + " while no manager led", cause);
    } else if (row.spec().onFailure().equals("restart")) {
      starts.restart(row, reason, cause);
    } else {
      ends.declare(row, ProcessStatus.FAILED, ExitCodes.COMPONENT_DIED, reason, cause);
    }
  }

  private void loseMemoryOf(Member member) {
    if (isMemory(member)) {
      watch.onBootGone(member);
      ledger.forget(member.boot());
    }
    starts.forget(member.boot());
  }

  /** Nobody waits for ever for a last copy that may come back. */
  private void loseRegionsOf(Member member) {
    if (!isMemory(member) || !store.leads() || !isMissing(member)) {
      return;
    }
    for (ProcessRow row : store.runningProcesses()) {
      List<RegionConfig> waiting =
          store.regionsOf(row.process()).stream()
              .filter(config -> config.roleOf(member.boot()) != CopyRole.NONE)
              .filter(this::isGivenUp)
              .toList();
      if (!waiting.isEmpty()) {
        ends.lose(
            row,
            member.component()
                + " has said nothing for "
                + seconds(member)
                + " s and held the last copy of "
                + waiting.size()
                + " of its regions",
            links.ofComponent(member.component()));
      }
    }
  }

  /** A copy that is still being made is none. */
  private boolean isGivenUp(RegionConfig config) {
    return Stream.concat(Stream.of(config.home()), config.secondaries().stream())
        .allMatch(place -> membership.isGivenUp(place.component(), place.boot()));
  }

  /** No copy of a region is left. */
  void onLost(RegionStory.Lost lost) {
    if (store.leads()) {
      store
          .process(lost.row().process())
          .filter(ProcessRow::isRunning)
          .ifPresent(
              row ->
                  ends.lose(
                      row,
                      "region " + lost.row().region() + " is lost: " + lost.reason(),
                      lost.event()));
    }
  }

  private void tell(String kind, Member member, String what) {
    links.follow(
        member.component(),
        reports.event(
            kind,
            null,
            null,
            links.ofComponent(member.component()),
            member.component() + " " + what,
            Map.of(
                "component", member.component().toString(), "boot_id", member.boot().toString())));
  }

  private void tellRestart(Member over) {
    String present =
        membership.member(over.component()).map(member -> member.boot().toString()).orElse("");
    links.follow(
        over.component(),
        reports.event(
            "component_restarted",
            null,
            null,
            links.ofComponent(over.component()),
            over.component() + " is back with empty memory",
            Map.of(
                "component",
                over.component().toString(),
                "boot_id",
                present,
                "old_boot_id",
                over.boot().toString())));
  }

  /** By the clock: unanswered probes make it count as silent for longer than it is. */
  private String seconds(Member member) {
    long ms = Duration.between(member.reportedAt(), clock.instant()).toMillis();
    return String.format(Locale.ROOT, "%.1f", ms / 1e3);
  }

  private static long mib(long bytes) {
    return bytes >> 20;
  }
}
