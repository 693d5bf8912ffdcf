package org.splitrack.manager.internal;

import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.splitrack.fabric.control.ControlClient;
import org.splitrack.fabric.transport.Identity;
import org.splitrack.manager.internal.authority.ConfigStore;
import org.splitrack.manager.internal.authority.MigrationLog;
import org.splitrack.manager.internal.authority.NumberSource;
import org.splitrack.manager.internal.authority.NumberSupply;
import org.splitrack.manager.internal.authority.Tables;
import org.splitrack.manager.internal.membership.Membership;
import org.splitrack.manager.internal.memory.CopyPlaces;
import org.splitrack.manager.internal.memory.Departures;
import org.splitrack.manager.internal.memory.Draining;
import org.splitrack.manager.internal.memory.MemoryLedger;
import org.splitrack.manager.internal.memory.MigrationCommands;
import org.splitrack.manager.internal.memory.Migrations;
import org.splitrack.manager.internal.memory.RegionGrants;
import org.splitrack.manager.internal.memory.RegionInstaller;
import org.splitrack.manager.internal.memory.RegionReleases;
import org.splitrack.manager.internal.memory.RegionStory;
import org.splitrack.manager.internal.memory.RegionWatch;
import org.splitrack.manager.internal.pod.Waits;
import org.splitrack.manager.internal.process.ProcessCommands;
import org.splitrack.manager.internal.process.ProcessEffects;
import org.splitrack.manager.internal.process.ProcessEnds;
import org.splitrack.manager.internal.process.ProcessStarts;
import org.splitrack.manager.internal.process.ProgramStore;
import org.splitrack.manager.internal.process.RollCall;
import org.splitrack.manager.internal.process.StorageFences;
import org.splitrack.manager.internal.report.EventLinks;
import org.splitrack.manager.internal.report.RackReports;

/** GPM and GMM, put together without Spring. */
record ManagerParts(
    Membership membership,
    MembershipReactions reactions,
    RegionReleases releases,
    RegionWatch watch,
    Migrations migrations,
    MigrationCommands migrationCommands,
    Draining draining,
    Departures departures,
    ProcessStarts starts,
    ProcessEnds ends,
    ProcessCommands commands,
    ManagerCalls calls,
    MirrorSync sync,
    Readiness readiness,
    Waits waits,
    LeaderStart leaderStart,
    EarlierStart earlierStart,
    Numbers numbers,
    AtomicReference<Runnable> fillNumbers) {

  /** Where numbers come from. */
  record Sources(
      NumberSource processes,
      NumberSource regions,
      NumberSource failovers,
      NumberSource migrations) {}

  /** Numbers in stock. */
  record Numbers(
      NumberSupply processes,
      NumberSupply regions,
      NumberSupply failovers,
      NumberSupply migrations) {
    List<NumberSupply> all() {
      return List.of(processes, regions, failovers, migrations);
    }
  }

  static ManagerParts of(
      Identity identity,
      ConfigStore store,
      MigrationLog migrationLog,
      Membership membership,
      ProgramStore programs,
      Tables tables,
      Sources sources,
      ControlClient control,
      RackReports reports,
      InstantSource clock) {
    AtomicReference<Runnable> fillNumbers = new AtomicReference<>(() -> {});
    Runnable askForFill = () -> fillNumbers.get().run();
    Numbers numbers =
        new Numbers(
            new NumberSupply("process numbers", sources.processes(), askForFill),
            new NumberSupply("region numbers", sources.regions(), askForFill),
            new NumberSupply("failover numbers", sources.failovers(), askForFill),
            new NumberSupply("migration numbers", sources.migrations(), askForFill));
    EventLinks links = new EventLinks();
    MemoryLedger ledger = new MemoryLedger();
    RegionReleases releases = new RegionReleases(store, membership, ledger, control);
    RegionInstaller installer = new RegionInstaller(control);
    Migrations migrations = new Migrations(migrationLog, numbers.migrations(), reports, clock);
    RegionStory story =
        new RegionStory(membership, migrations, numbers.failovers(), reports, links, clock);
    RegionWatch watch =
        new RegionWatch(
            store,
            membership,
            ledger,
            installer,
            releases,
            new CopyPlaces(membership, ledger, story::noRoom),
            control,
            story);
    RegionGrants grants =
        new RegionGrants(
            store,
            membership,
            ledger,
            installer,
            releases,
            numbers.regions(),
            watch,
            reports,
            links);
    ProcessEnds ends =
        new ProcessEnds(store, membership, grants, releases, control, reports, links, clock);
    StorageFences fences = new StorageFences(membership, control);
    RollCall rollCall = new RollCall(store, ends, fences);
    ProcessStarts starts =
        new ProcessStarts(
            store,
            membership,
            programs,
            numbers.processes(),
            ends,
            grants,
            rollCall,
            fences,
            control,
            reports,
            links,
            clock);
    Draining draining = new Draining(store, membership, ledger, watch, reports);
    Departures departures = new Departures(store, membership, draining, reports, System::nanoTime);
    MembershipReactions reactions =
        new MembershipReactions(
            store,
            membership,
            ledger,
            watch,
            departures,
            ends,
            starts,
            fences,
            reports,
            links,
            clock);
    story.onLost(reactions::onLost);
    story.onSilent(
        silent ->
            reactions.on(
                membership.unanswered(
                    silent.place().component(), silent.place().boot(), silent.down())));
    Waits waits = new Waits(System::nanoTime);
    return new ManagerParts(
        membership,
        reactions,
        releases,
        watch,
        migrations,
        new MigrationCommands(store, membership, ledger, watch, migrations),
        draining,
        departures,
        starts,
        ends,
        new ProcessCommands(store, membership, control, reports, links),
        new ManagerCalls(
            identity.component(),
            identity.boot(),
            store,
            membership,
            reactions,
            departures,
            rollCall,
            waits,
            grants,
            watch,
            new ProcessEffects(store, reports, links),
            ends,
            reports,
            clock),
        new MirrorSync(identity.component(), identity.boot(), membership, control, reports, tables),
        new Readiness(BackingServices.POSTGRES, BackingServices.KAFKA),
        waits,
        new LeaderStart(
            store,
            membership,
            reactions,
            ledger,
            watch,
            migrations,
            ends,
            rollCall,
            reports,
            clock),
        new EarlierStart(tables, store, numbers.processes(), numbers.regions(), reports, clock),
        numbers,
        fillNumbers);
  }
}
