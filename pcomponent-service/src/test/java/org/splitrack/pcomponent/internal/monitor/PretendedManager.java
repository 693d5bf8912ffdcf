package org.splitrack.pcomponent.internal.monitor;

import static org.splitrack.fabric.PageGeometry.REGION_PAGES;
import static org.splitrack.fabric.PageGeometry.regionIndex;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.splitrack.fabric.BootId;
import org.splitrack.fabric.ComponentId;
import org.splitrack.fabric.Endpoint;
import org.splitrack.fabric.RegionId;
import org.splitrack.fabric.control.ComponentCalls.Heartbeat;
import org.splitrack.fabric.control.ComponentCalls.HeartbeatAnswer;
import org.splitrack.fabric.control.ComponentCalls.Register;
import org.splitrack.fabric.control.ComponentCalls.Registered;
import org.splitrack.fabric.control.ControlFault;
import org.splitrack.fabric.control.ControlReply;
import org.splitrack.fabric.control.ControlServer;
import org.splitrack.fabric.control.MemoryCalls.GrowMemory;
import org.splitrack.fabric.control.MemoryCalls.Grown;
import org.splitrack.fabric.control.ProcessCalls.ProcessEnded;
import org.splitrack.fabric.region.AccessGrant;
import org.splitrack.fabric.region.CopyPlace;
import org.splitrack.fabric.testkit.TestRack;
import org.splitrack.fabric.transport.FabricServer;
import org.splitrack.fabric.transport.Identity;
import org.splitrack.fabric.transport.TcpTransport;
import org.splitrack.fabric.wire.Lane;

/** Answers a pComponent as the manager does, and remembers; the homes it grants do not answer. */
final class PretendedManager implements AutoCloseable {
  static final int GRANTED_REGIONS = 4;

  final List<Register> registrations = new CopyOnWriteArrayList<>();
  final List<Heartbeat> heartbeats = new CopyOnWriteArrayList<>();
  final List<ProcessEnded> ends = new CopyOnWriteArrayList<>();
  private final FabricServer server;

  PretendedManager() throws IOException {
    Identity identity = TestRack.identity("global-manager-0");
    ControlServer commands = new ControlServer(TestRack.RACK);
    commands.register(
        Register.class,
        (request, attachment, peer) -> {
          registrations.add(request);
          return new Registered(identity.boot(), 20);
        });
    commands.register(
        Heartbeat.class,
        (request, attachment, peer) -> {
          heartbeats.add(request);
          return new HeartbeatAnswer(true);
        });
    commands.register(
        ProcessEnded.class,
        (request, attachment, peer) -> {
          ends.add(request);
          return new ControlReply.Done();
        });
    commands.register(GrowMemory.class, (request, attachment, peer) -> grow(request));
    server = TestRack.server(new TcpTransport(), identity, Map.of(Lane.CONTROL, commands));
  }

  private static Grown grow(GrowMemory request) {
    if (request.toPageExclusive() > GRANTED_REGIONS * REGION_PAGES) {
      throw new ControlFault(ControlFault.Code.FULL, "no mComponent has room");
    }
    List<AccessGrant> grants = new ArrayList<>();
    for (int index = regionIndex(request.fromPage());
        index <= regionIndex(request.toPageExclusive() - 1);
        index++) {
      grants.add(
          new AccessGrant(
              new RegionId(index + 1),
              index,
              1,
              1,
              new CopyPlace(
                  ComponentId.parse("mcomponent-0"), new BootId(1), new Endpoint("127.0.0.1", 1)),
              null,
              REGION_PAGES,
              1,
              false));
    }
    return new Grown(grants);
  }

  Endpoint endpoint() {
    return server.endpoint();
  }

  @Override
  public void close() {
    server.close();
  }
}
