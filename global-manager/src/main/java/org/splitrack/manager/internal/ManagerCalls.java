package org.splitrack.manager.internal;

import java.time.Instant;
import java.time.InstantSource;
import org.splitrack.fabric.BootId;
import org.splitrack.fabric.ComponentId;
import org.splitrack.fabric.Role;
import org.splitrack.fabric.control.ComponentCalls.FlushReports;
import org.splitrack.fabric.control.ComponentCalls.Heartbeat;
import org.splitrack.fabric.control.ComponentCalls.HeartbeatAnswer;
import org.splitrack.fabric.control.ComponentCalls.Leave;
import org.splitrack.fabric.control.ComponentCalls.LeaveAnswer;
import org.splitrack.fabric.control.ComponentCalls.PrepareToLeave;
import org.splitrack.fabric.control.ComponentCalls.Register;
import org.splitrack.fabric.control.ComponentCalls.Registered;
import org.splitrack.fabric.control.ComponentCalls.ReportsFlushed;
import org.splitrack.fabric.control.ControlFault;
import org.splitrack.fabric.control.ControlReply.Done;
import org.splitrack.fabric.control.ControlServer;
import org.splitrack.fabric.control.MemoryCalls.CaughtUp;
import org.splitrack.fabric.control.MemoryCalls.GrowMemory;
import org.splitrack.fabric.control.MemoryCalls.HandedOff;
import org.splitrack.fabric.control.MemoryCalls.ResolveRegions;
import org.splitrack.fabric.control.MemoryCalls.StalledAccess;
import org.splitrack.fabric.control.MemoryCalls.SuspectHome;
import org.splitrack.fabric.control.MemoryCalls.SuspectMember;
import org.splitrack.fabric.control.ProcessCalls.FirstEffect;
import org.splitrack.fabric.control.ProcessCalls.ProcessEnded;
import org.splitrack.fabric.transport.Peer;
import org.splitrack.manager.internal.authority.ConfigStore;
import org.splitrack.manager.internal.membership.Membership;
import org.splitrack.manager.internal.memory.Departures;
import org.splitrack.manager.internal.memory.RegionGrants;
import org.splitrack.manager.internal.memory.RegionWatch;
import org.splitrack.manager.internal.pod.Waits;
import org.splitrack.manager.internal.process.ProcessEffects;
import org.splitrack.manager.internal.process.ProcessEnds;
import org.splitrack.manager.internal.process.RollCall;
import org.splitrack.manager.internal.report.RackReports;

/** What components ask of the manager on the control lane. */
final class ManagerCalls implements ControlHandlers {
  static final int HEARTBEAT_MS = 500;
  private static final long FLUSH_MS = 2_000;

  private final ComponentId self;
  private final BootId boot;
  private final ConfigStore store;
  private final Membership membership;
  private final MembershipReactions reactions;
  private final Departures departures;
  private final RollCall rollCall;
  private final Waits waits;
  private final RegionGrants grants;
  private final RegionWatch watch;
  private final ProcessEffects effects;
  private final ProcessEnds ends;
  private final RackReports reports;
  private final InstantSource clock;

  ManagerCalls(
      ComponentId self,
      BootId boot,
      ConfigStore store,
      Membership membership,
      MembershipReactions reactions,
      Departures departures,
      RollCall rollCall,
      Waits waits,
      RegionGrants grants,
      RegionWatch watch,
      ProcessEffects effects,
      ProcessEnds ends,
      RackReports reports,
      InstantSource clock) {
    this.self = self;
    this.boot = boot;
    this.store = store;
    this.membership = membership;
    this.reactions = reactions;
    this.departures = departures;
    this.rollCall = rollCall;
    this.waits = waits;
    this.grants = grants;
    this.watch = watch;
    this.effects = effects;
    this.ends = ends;
    this.reports = reports;
    this.clock = clock;
  }

  @Override
  public void registerAt(ControlServer server) {
    server.register(Register.class, (request, bytes, peer) -> register(request, peer));
    server.register(Heartbeat.class, (request, bytes, peer) -> heartbeat(request, peer));
    server.register(PrepareToLeave.class, (request, bytes, peer) -> prepare(request, peer));
    server.register(Leave.class, (request, bytes, peer) -> leave(request, peer));
    server.register(
        GrowMemory.class, (request, bytes, peer) -> grants.grow(request, peer.component()));
    server.register(
        ResolveRegions.class, (request, bytes, peer) -> grants.resolve(request, peer.component()));
    server.register(
        SuspectMember.class,
        (request, bytes, peer) -> {
          watch.onSuspected(request, peer.component());
          return new Done();
        });
    server.register(
        SuspectHome.class,
        (request, bytes, peer) -> {
          watch.onSuspected(request, peer.component());
          return new Done();
        });
    server.register(
        StalledAccess.class,
        (request, bytes, peer) -> {
          watch.onStalled(request);
          return new Done();
        });
    server.register(
        CaughtUp.class,
        (request, bytes, peer) -> {
          watch.onCaughtUp(request);
          return new Done();
        });
    server.register(
        HandedOff.class,
        (request, bytes, peer) -> {
          watch.onHandedOff(request);
          return new Done();
        });
    server.register(
        FirstEffect.class,
        (request, bytes, peer) -> {
          effects.on(request, peer.component());
          return new Done();
        });
    server.register(
        ProcessEnded.class,
        (request, bytes, peer) -> {
          ends.on(request, peer.component());
          return new Done();
        });
    server.register(
        FlushReports.class,
        (request, bytes, peer) ->
            new ReportsFlushed(self.toString(), boot, reports.flush(FLUSH_MS)));
  }

  private Registered register(Register request, Peer peer) {
    requireSelf(request.component(), request.boot(), peer);
    reactions.on(membership.register(request, clock.instant()));
    return new Registered(boot, HEARTBEAT_MS);
  }

  private HeartbeatAnswer heartbeat(Heartbeat request, Peer peer) {
    requireSelf(request.component(), request.boot(), peer);
    Instant now = clock.instant();
    return membership
        .heartbeat(request, now)
        .map(
            changes -> {
              reactions.on(changes);
              waits.on(request.component(), request.waitsFor());
              membership
                  .member(request.component())
                  .filter(member -> member.hasRole(Role.PCOMPONENT))
                  .ifPresent(member -> rollCall.on(request, member, now));
              return new HeartbeatAnswer(true);
            })
        .orElse(new HeartbeatAnswer(false));
  }

  private LeaveAnswer prepare(PrepareToLeave request, Peer peer) {
    requireSelf(request.component(), request.boot(), peer);
    return departures.ask(request);
  }

  private Done leave(Leave request, Peer peer) {
    requireSelf(request.component(), request.boot(), peer);
    reactions.on(membership.leave(request.component(), request.boot()));
    return new Done();
  }

  /** Has all mComponents say what they hold, so that what nobody knows of is released. */
  void compareCopies() {
    if (store.leads()) {
      membership.members().stream()
          .filter(member -> member.hasRole(Role.MCOMPONENT) && member.answers())
          .forEach(member -> watch.compare(member, grants::isBeginning));
    }
  }

  /** The handshake proved who calls; nobody speaks for another. */
  private static void requireSelf(ComponentId component, BootId boot, Peer peer) {
    if (!peer.equals(new Peer(component, boot))) {
      throw new ControlFault(
          ControlFault.Code.DENIED, peer.component() + " cannot speak for " + component);
    }
  }
}
