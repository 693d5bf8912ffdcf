package org.splitrack.pcomponent.internal.program;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.splitrack.fabric.BootId;
import org.splitrack.fabric.Endpoint;
import org.splitrack.fabric.ProcessId;
import org.splitrack.fabric.RegionId;
import org.splitrack.fabric.control.ControlClient;
import org.splitrack.fabric.control.ControlFault;
import org.splitrack.fabric.control.ControlReply;
import org.splitrack.fabric.control.ControlRequest;
import org.splitrack.fabric.control.MemoryCalls.ResolveRegions;
import org.splitrack.fabric.control.MemoryCalls.Stall;
import org.splitrack.fabric.control.MemoryCalls.StalledAccess;
import org.splitrack.fabric.control.MemoryCalls.SuspectHome;
import org.splitrack.fabric.memory.RegionAuthority;
import org.splitrack.fabric.memory.RegionTable;
import org.splitrack.fabric.region.AccessGrant;

/**
 * Asks the manager about one process's regions, complains of their homes, and tells what was held
 * up, on a thread that is there while there is something to say. What is asked again while it is
 * being asked is asked once.
 */
public final class RegionQuestions implements RegionAuthority {
  private static final Logger LOG = LoggerFactory.getLogger(RegionQuestions.class);
  private static final Duration CALL_TIMEOUT = Duration.ofSeconds(1);

  /** Between two complaints of the same kind about one home. */
  private static final long COMPLAINT_NS = 950_000_000;

  private final ControlClient client;
  private final Endpoint manager;
  private final ProcessId process;
  private final int incarnation;
  private final RegionTable regions;
  private final Runnable onExpelled;

  // Guarded by this.
  private final Set<RegionId> unresolved = new LinkedHashSet<>();
  private final Map<BootId, SuspectHome> complaints = new LinkedHashMap<>();
  private final Map<Complaint, Long> lastComplaintNs = new HashMap<>();
  private final Map<RegionId, Long> stallsNs = new LinkedHashMap<>();
  private boolean asking;

  /**
   * @param onExpelled told when the manager says that this incarnation is no longer run
   */
  public RegionQuestions(
      ControlClient client,
      Endpoint manager,
      ProcessId process,
      int incarnation,
      RegionTable regions,
      Runnable onExpelled) {
    this.client = client;
    this.manager = manager;
    this.process = process;
    this.incarnation = incarnation;
    this.regions = regions;
    this.onExpelled = onExpelled;
  }

  @Override
  public synchronized void resolve(RegionId region) {
    unresolved.add(region);
    ask();
  }

  @Override
  public synchronized void suspect(AccessGrant grant, boolean unreachable) {
    Complaint complaint = new Complaint(grant.home().boot(), unreachable);
    long nowNs = System.nanoTime();
    Long lastNs = lastComplaintNs.get(complaint);
    if (lastNs == null || nowNs - lastNs >= COMPLAINT_NS) {
      lastComplaintNs.put(complaint, nowNs);
      complaints.put(
          grant.home().boot(),
          new SuspectHome(grant.region(), grant.epoch(), grant.home(), unreachable));
      ask();
    }
  }

  @Override
  public synchronized void stalled(AccessGrant grant, long stallNs) {
    stallsNs.merge(grant.region(), stallNs, Math::max);
    ask();
  }

  private void ask() {
    if (!asking) {
      asking = true;
      Thread.ofVirtual().name("process-" + process + "-regions").start(this::askAll);
    }
  }

  private void askAll() {
    while (true) {
      List<RegionId> toResolve;
      List<ControlRequest<ControlReply.Done>> toTell = new ArrayList<>();
      synchronized (this) {
        toResolve = List.copyOf(unresolved);
        toTell.addAll(complaints.values());
        if (!stallsNs.isEmpty()) {
          toTell.add(new StalledAccess(process, stalls()));
        }
        unresolved.clear();
        complaints.clear();
        stallsNs.clear();
        if (toResolve.isEmpty() && toTell.isEmpty()) {
          asking = false;
          return;
        }
      }
      toTell.forEach(this::tell);
      if (!toResolve.isEmpty()) {
        resolve(toResolve);
      }
    }
  }

  private List<Stall> stalls() {
    return stallsNs.entrySet().stream()
        .map(stall -> new Stall(stall.getKey(), TimeUnit.NANOSECONDS.toMicros(stall.getValue())))
        .toList();
  }

  private void tell(ControlRequest<ControlReply.Done> news) {
    try {
      client.call(manager, news, CALL_TIMEOUT);
    } catch (ControlFault fault) {
      LOG.debug("the manager was not told of {}: {}", news, fault.getMessage());
    }
  }

  private void resolve(List<RegionId> unknown) {
    try {
      client
          .call(manager, new ResolveRegions(process, incarnation, unknown), CALL_TIMEOUT)
          .grants()
          .forEach(regions::put);
    } catch (ControlFault fault) {
      if (fault.code() == ControlFault.Code.DENIED) {
        onExpelled.run();
      }
      LOG.debug("regions of process {} are not resolved: {}", process, fault.getMessage());
    }
  }

  private record Complaint(BootId home, boolean unreachable) {}
}
