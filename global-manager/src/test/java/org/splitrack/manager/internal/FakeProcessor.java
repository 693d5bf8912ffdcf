package org.splitrack.manager.internal;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.splitrack.fabric.BootId;
import org.splitrack.fabric.ComponentId;
import org.splitrack.fabric.ProcessId;
import org.splitrack.fabric.RegionId;
import org.splitrack.fabric.control.Answer;
import org.splitrack.fabric.control.ControlFault;
import org.splitrack.fabric.control.ControlFault.Code;
import org.splitrack.fabric.control.ControlReply.Done;
import org.splitrack.fabric.control.ControlServer;
import org.splitrack.fabric.control.MemoryCalls.GrowMemory;
import org.splitrack.fabric.control.MemoryCalls.Grown;
import org.splitrack.fabric.control.MemoryCalls.UpdateGrants;
import org.splitrack.fabric.control.ProcessCalls.LoseProcess;
import org.splitrack.fabric.control.ProcessCalls.Output;
import org.splitrack.fabric.control.ProcessCalls.ProcessEnded;
import org.splitrack.fabric.control.ProcessCalls.ReadOutput;
import org.splitrack.fabric.control.ProcessCalls.SetProcess;
import org.splitrack.fabric.control.ProcessCalls.StartProcess;
import org.splitrack.fabric.control.ProcessCalls.StopProcess;
import org.splitrack.fabric.region.AccessGrant;

/** A pComponent whose programs do what the test says. */
final class FakeProcessor extends FakeComponent {
  private final Set<String> modules = ConcurrentHashMap.newKeySet();
  final Set<ProcessId> running = ConcurrentHashMap.newKeySet();
  final List<StartProcess> starts = new CopyOnWriteArrayList<>();
  final Map<RegionId, AccessGrant> grants = new ConcurrentHashMap<>();
  final List<StopProcess> stops = new CopyOnWriteArrayList<>();
  final List<SetProcess> sets = new CopyOnWriteArrayList<>();
  final AtomicInteger modulesReceived = new AtomicInteger();

  /** Leaves every start without an answer. */
  volatile boolean deaf;

  /** Refuses every start with this. */
  volatile @Nullable ControlFault refusal;

  /** Ends a stopped process in an orderly way. */
  volatile boolean obedient = true;

  FakeProcessor(FakeRack rack, int ordinal) throws IOException {
    this(rack, ordinal, BootId.random());
  }

  FakeProcessor(FakeRack rack, int ordinal, BootId boot) throws IOException {
    super(rack, ComponentId.parse("pcomponent-" + ordinal), boot, 1 << 20);
    start();
  }

  @Override
  void registerHandlers(ControlServer server) {
    server.register(StartProcess.class, (request, module, peer) -> start(request, module));
    server.register(StopProcess.class, (request, bytes, peer) -> stop(request));
    server.register(LoseProcess.class, (request, bytes, peer) -> lose(request));
    server.register(
        SetProcess.class,
        (request, bytes, peer) -> {
          sets.add(request);
          return new Done();
        });
    server.register(
        UpdateGrants.class,
        (request, bytes, peer) -> {
          request.grants().forEach(this::take);
          return new Done();
        });
    server.registerExchange(ReadOutput.class, (request, bytes, peer) -> output(request));
  }

  private Done start(StartProcess request, byte @Nullable [] module) {
    await().forever().until(() -> !deaf);
    ControlFault fault = refusal;
    if (fault != null) {
      throw fault;
    }
    if (module != null) {
      modulesReceived.incrementAndGet();
      modules.add(request.spec().programDigest());
    } else if (!modules.contains(request.spec().programDigest())) {
      throw new ControlFault(Code.NOT_FOUND, "no such module here");
    }
    running.add(request.process());
    starts.add(request);
    return new Done();
  }

  private Done stop(StopProcess request) {
    stops.add(request);
    if (obedient && running.contains(request.process())) {
      Thread.ofVirtual().start(() -> end(request.process(), "stopped", 143, "stopped by command"));
    }
    return new Done();
  }

  private Done lose(LoseProcess request) {
    if (obedient && running.contains(request.process())) {
      Thread.ofVirtual().start(() -> end(request.process(), "lost", 125, request.reason()));
    }
    return new Done();
  }

  private static Answer<Output> output(ReadOutput request) {
    byte[] all = "hello".getBytes(StandardCharsets.UTF_8);
    int from = (int) Math.min(request.offset(), all.length);
    byte[] rest =
        new String(all, StandardCharsets.UTF_8).substring(from).getBytes(StandardCharsets.UTF_8);
    return new Answer<>(new Output(from, true), rest);
  }

  void forgetModules() {
    modules.clear();
  }

  Grown grow(ProcessId process, int fromPage, int toPageExclusive) {
    Grown grown = tell(new GrowMemory(process, 1, fromPage, toPageExclusive));
    grown.grants().forEach(this::take);
    return grown;
  }

  void exit(ProcessId process, int code) {
    end(process, "exited", code, null);
  }

  void end(ProcessId process, String state, int code, @Nullable String reason) {
    running.remove(process);
    tell(new ProcessEnded(process, 1, state, code, reason, Map.of("misses", 12)));
  }

  /** Tells of one region may overtake each other. */
  private void take(AccessGrant grant) {
    grants.merge(grant.region(), grant, (held, next) -> next.supersedes(held) ? next : held);
  }
}
