package org.splitrack.fabric.control;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.splitrack.fabric.Role;
import org.splitrack.fabric.control.ComponentCalls.ChangeCuts;
import org.splitrack.fabric.control.ComponentCalls.EmulateLinks;
import org.splitrack.fabric.control.ComponentCalls.FlushReports;
import org.splitrack.fabric.control.ComponentCalls.Halt;
import org.splitrack.fabric.control.ComponentCalls.Heartbeat;
import org.splitrack.fabric.control.ComponentCalls.Leave;
import org.splitrack.fabric.control.ComponentCalls.PrepareToLeave;
import org.splitrack.fabric.control.ComponentCalls.Register;
import org.splitrack.fabric.control.FileCalls.AllocateExtents;
import org.splitrack.fabric.control.FileCalls.CloseFile;
import org.splitrack.fabric.control.FileCalls.CommitWrites;
import org.splitrack.fabric.control.FileCalls.ListDirectory;
import org.splitrack.fabric.control.FileCalls.ListExtents;
import org.splitrack.fabric.control.FileCalls.LocateStorage;
import org.splitrack.fabric.control.FileCalls.LookUp;
import org.splitrack.fabric.control.FileCalls.LookUpInode;
import org.splitrack.fabric.control.FileCalls.MakeDirectory;
import org.splitrack.fabric.control.FileCalls.OpenNode;
import org.splitrack.fabric.control.FileCalls.RemoveDirectory;
import org.splitrack.fabric.control.FileCalls.Rename;
import org.splitrack.fabric.control.FileCalls.SetSize;
import org.splitrack.fabric.control.FileCalls.SetTimes;
import org.splitrack.fabric.control.FileCalls.Unlink;
import org.splitrack.fabric.control.MemoryCalls.CaughtUp;
import org.splitrack.fabric.control.MemoryCalls.GrowMemory;
import org.splitrack.fabric.control.MemoryCalls.HandedOff;
import org.splitrack.fabric.control.MemoryCalls.InstallRegions;
import org.splitrack.fabric.control.MemoryCalls.ProbeRegions;
import org.splitrack.fabric.control.MemoryCalls.ReleaseRegions;
import org.splitrack.fabric.control.MemoryCalls.ReserveRegion;
import org.splitrack.fabric.control.MemoryCalls.ResolveRegions;
import org.splitrack.fabric.control.MemoryCalls.StalledAccess;
import org.splitrack.fabric.control.MemoryCalls.SuspectHome;
import org.splitrack.fabric.control.MemoryCalls.SuspectMember;
import org.splitrack.fabric.control.MemoryCalls.UpdateGrants;
import org.splitrack.fabric.control.ProcessCalls.FirstEffect;
import org.splitrack.fabric.control.ProcessCalls.LoseProcess;
import org.splitrack.fabric.control.ProcessCalls.ProcessEnded;
import org.splitrack.fabric.control.ProcessCalls.ReadOutput;
import org.splitrack.fabric.control.ProcessCalls.SetProcess;
import org.splitrack.fabric.control.ProcessCalls.StartProcess;
import org.splitrack.fabric.control.ProcessCalls.StopProcess;
import org.splitrack.fabric.control.StorageCalls.AskFences;
import org.splitrack.fabric.control.StorageCalls.CreateExtents;
import org.splitrack.fabric.control.StorageCalls.DeleteExtents;
import org.splitrack.fabric.control.StorageCalls.FencePeer;
import org.splitrack.fabric.control.StorageCalls.TrimExtent;

/**
 * Which role may make which call, of which roles. Both ends look: the server at who calls, the
 * client at who answers. A call that is not named is nobody's.
 */
final class CallRules {
  /** Those of a rack. */
  static final CallRules RACK =
      new CallRules(Map.of())
          .with(
              Set.of(Role.PCOMPONENT, Role.MCOMPONENT, Role.SCOMPONENT, Role.TABLE_SERVICE),
              Set.of(Role.GLOBAL_MANAGER),
              List.of(Register.class, Heartbeat.class, PrepareToLeave.class, Leave.class))
          .with(
              Set.of(Role.PCOMPONENT),
              Set.of(Role.GLOBAL_MANAGER),
              List.of(
                  GrowMemory.class,
                  ResolveRegions.class,
                  SuspectHome.class,
                  StalledAccess.class,
                  FirstEffect.class,
                  ProcessEnded.class,
                  LookUp.class,
                  LookUpInode.class,
                  OpenNode.class,
                  CloseFile.class,
                  MakeDirectory.class,
                  RemoveDirectory.class,
                  Unlink.class,
                  Rename.class,
                  ListDirectory.class,
                  SetSize.class,
                  CommitWrites.class,
                  SetTimes.class,
                  AllocateExtents.class,
                  ListExtents.class,
                  LocateStorage.class))
          .with(
              Set.of(Role.MCOMPONENT),
              Set.of(Role.GLOBAL_MANAGER),
              List.of(CaughtUp.class, HandedOff.class, SuspectMember.class))
          .with(
              Set.of(Role.GLOBAL_MANAGER),
              Set.of(Role.PCOMPONENT),
              List.of(
                  StartProcess.class,
                  StopProcess.class,
                  LoseProcess.class,
                  SetProcess.class,
                  ReadOutput.class,
                  UpdateGrants.class))
          .with(Set.of(Role.GLOBAL_MANAGER), Role.SERVICES, List.of(FlushReports.class))
          .with(
              Set.of(Role.GLOBAL_MANAGER),
              Set.of(Role.MCOMPONENT),
              List.of(
                  InstallRegions.class,
                  ReserveRegion.class,
                  ProbeRegions.class,
                  ReleaseRegions.class))
          .with(
              Set.of(Role.GLOBAL_MANAGER),
              Set.of(Role.SCOMPONENT),
              List.of(
                  CreateExtents.class,
                  DeleteExtents.class,
                  TrimExtent.class,
                  FencePeer.class,
                  AskFences.class))
          .with(
              Set.of(Role.CLI),
              Role.SERVICES,
              List.of(ChangeCuts.class, EmulateLinks.class, Halt.class));

  private record Rule(Set<Role> callers, Set<Role> servers) {}

  private final Map<Class<?>, Rule> rules;

  private CallRules(Map<Class<?>, Rule> rules) {
    this.rules = rules;
  }

  /** These rules and one more. */
  CallRules with(
      Set<Role> callers,
      Set<Role> servers,
      List<? extends Class<? extends ControlRequest<?>>> calls) {
    Map<Class<?>, Rule> more = new HashMap<>(rules);
    calls.forEach(call -> more.put(call, new Rule(callers, servers)));
    return new CallRules(Map.copyOf(more));
  }

  boolean names(Class<?> call) {
    return rules.containsKey(call);
  }

  boolean mayCall(Role caller, Class<?> call) {
    Rule rule = rules.get(call);
    return rule != null && rule.callers().contains(caller);
  }

  boolean mayServe(Role server, Class<?> call) {
    Rule rule = rules.get(call);
    return rule != null && rule.servers().contains(server);
  }
}
