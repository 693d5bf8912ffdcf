package org.splitrack.manager.internal;

import java.time.InstantSource;
import java.util.concurrent.atomic.AtomicReference;
import org.splitrack.fabric.control.ControlClient;
import org.splitrack.fabric.transport.Identity;
import org.splitrack.manager.internal.authority.ConfigStore;
import org.splitrack.manager.internal.authority.Guard;
import org.splitrack.manager.internal.authority.NumberSource;
import org.splitrack.manager.internal.authority.NumberSupply;
import org.splitrack.manager.internal.authority.Tables;
import org.splitrack.manager.internal.membership.Membership;
import org.splitrack.manager.internal.memory.MemoryLedger;
import org.splitrack.manager.internal.memory.RegionGrants;
import org.splitrack.manager.internal.memory.RegionInstaller;
import org.splitrack.manager.internal.memory.RegionReleases;
import org.splitrack.manager.internal.process.ProcessCommands;
import org.splitrack.manager.internal.process.ProcessEnds;
import org.splitrack.manager.internal.process.ProcessStarts;
import org.splitrack.manager.internal.process.ProgramStore;
import org.splitrack.manager.internal.process.RollCall;
import org.splitrack.manager.internal.report.EventLinks;
import org.splitrack.manager.internal.report.RackReports;

/** GPM and GMM, put together without Spring. */
record ManagerParts(
    Membership membership,
    MembershipReactions reactions,
    RegionReleases releases,
    ProcessStarts starts,
    ProcessEnds ends,
    ProcessCommands commands,
    ManagerCalls calls,
    MirrorSync sync,
    Readiness readiness,
    BackingServices backing,
    NumberSupply processNumbers,
    NumberSupply regionNumbers,
    AtomicReference<Runnable> fillNumbers) {

  /**
   * @param processSource where the numbers of processes come from
   * @param regionSource where the numbers of regions come from
   */
  static ManagerParts of(
      Identity identity,
      String node,
      ConfigStore store,
      Membership membership,
      ProgramStore programs,
      Tables tables,
      NumberSource processSource,
      NumberSource regionSource,
      ControlClient control,
      RackReports reports,
      InstantSource clock) {
    AtomicReference<Runnable> fillNumbers = new AtomicReference<>(() -> {});
    Runnable askForFill = () -> fillNumbers.get().run();
    NumberSupply processNumbers = new NumberSupply("process numbers", processSource, askForFill);
    NumberSupply regionNumbers = new NumberSupply("region numbers", regionSource, askForFill);
    EventLinks links = new EventLinks();
    MemoryLedger ledger = new MemoryLedger();
    RegionReleases releases = new RegionReleases(store, membership, ledger, control, reports);
    RegionInstaller installer = new RegionInstaller(control, membership, ledger, releases);
    RegionGrants grants =
        new RegionGrants(
            store, membership, ledger, installer, releases, regionNumbers, reports, links);
    ProcessEnds ends =
        new ProcessEnds(store, membership, grants, releases, control, reports, links, clock);
    RollCall rollCall = new RollCall(store, ends);
    ProcessStarts starts =
        new ProcessStarts(
            store,
            membership,
            programs,
            processNumbers,
            ends,
            rollCall,
            control,
            reports,
            links,
            clock);
    MembershipReactions reactions = new MembershipReactions(store, ledger, ends, starts, reports);
    Readiness readiness = new Readiness(BackingServices.POSTGRES, BackingServices.KAFKA);
    return new ManagerParts(
        membership,
        reactions,
        releases,
        starts,
        ends,
        new ProcessCommands(store, membership, control, reports, links),
        new ManagerCalls(
            identity.component(),
            identity.boot(),
            membership,
            reactions,
            rollCall,
            grants,
            ends,
            reports,
            clock),
        new MirrorSync(identity.component(), identity.boot(), membership, control, reports, tables),
        readiness,
        new BackingServices(
            identity.component(),
            identity.boot(),
            node,
            tables,
            processNumbers,
            regionNumbers,
            new EarlierStart(tables, processNumbers, regionNumbers, releases, reports, clock),
            new Guard("Kafka"),
            readiness,
            store,
            reports,
            clock),
        processNumbers,
        regionNumbers,
        fillNumbers);
  }
}
