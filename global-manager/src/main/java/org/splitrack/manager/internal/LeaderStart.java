package org.splitrack.manager.internal;

import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.stream.Stream;
import org.splitrack.fabric.region.CopyPlace;
import org.splitrack.fabric.region.RegionConfig;
import org.splitrack.manager.internal.authority.ConfigStore;
import org.splitrack.manager.internal.authority.ProcessRow;
import org.splitrack.manager.internal.membership.Membership;
import org.splitrack.manager.internal.membership.MembershipChange;
import org.splitrack.manager.internal.memory.MemoryLedger;
import org.splitrack.manager.internal.memory.Migrations;
import org.splitrack.manager.internal.memory.RegionWatch;
import org.splitrack.manager.internal.process.ProcessEnds;
import org.splitrack.manager.internal.process.RollCall;
import org.splitrack.manager.internal.report.RackReports;

/**
 * How a manager begins to lead: from the rows of the leaders before it. Programs that run go on;
 * components that the rows name have as long as any to be heard of, and if another start of one is
 * there instead, what the old one had is known to be gone.
 */
final class LeaderStart {
  private final ConfigStore store;
  private final Membership membership;
  private final MembershipReactions reactions;
  private final MemoryLedger ledger;
  private final RegionWatch watch;
  private final Migrations migrations;
  private final ProcessEnds ends;
  private final RollCall rollCall;
  private final RackReports reports;
  private final InstantSource clock;

  LeaderStart(
      ConfigStore store,
      Membership membership,
      MembershipReactions reactions,
      MemoryLedger ledger,
      RegionWatch watch,
      Migrations migrations,
      ProcessEnds ends,
      RollCall rollCall,
      RackReports reports,
      InstantSource clock) {
    this.store = store;
    this.membership = membership;
    this.reactions = reactions;
    this.ledger = ledger;
    this.watch = watch;
    this.migrations = migrations;
    this.ends = ends;
    this.rollCall = rollCall;
    this.reports = reports;
    this.clock = clock;
  }

  /** The rows can be read; nothing was decided yet. */
  void begin() {
    Collection<RegionConfig> regions = store.regions();
    ledger.clear();
    membership.listen();
    for (RegionConfig config : regions) {
      places(config)
          .forEach(place -> ledger.set(place.boot(), config.region(), config.reservedPages()));
      reports.region(config, false);
    }
    for (ProcessRow row : store.runningProcesses()) {
      ends.expect(row.process());
      rollCall.started(row.process());
      reports.process(row);
    }
    // In this order none ends that is not known yet.
    migrations.onLeading(List.copyOf(regions));
    watch.onLeading(store.term(), List.copyOf(regions));
    List<MembershipChange> changes = new ArrayList<>();
    for (ProcessRow row : store.runningProcesses()) {
      changes.addAll(
          membership.expect(row.component(), row.boot(), row.place().endpoint(), clock.instant()));
    }
    regions.stream()
        .flatMap(LeaderStart::places)
        .distinct()
        .forEach(
            place ->
                changes.addAll(
                    membership.expect(
                        place.component(), place.boot(), place.endpoint(), clock.instant())));
    membership.members().forEach(reactions::isThere);
    reactions.on(changes);
  }

  private static Stream<CopyPlace> places(RegionConfig config) {
    return Stream.concat(Stream.of(config.home()), config.members().stream());
  }

  /** Another manager leads. */
  void end() {
    watch.onResigned();
  }
}
