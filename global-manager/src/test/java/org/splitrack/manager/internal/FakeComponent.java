package org.splitrack.manager.internal;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.splitrack.fabric.BootId;
import org.splitrack.fabric.ComponentId;
import org.splitrack.fabric.Endpoint;
import org.splitrack.fabric.control.ComponentCalls.Heartbeat;
import org.splitrack.fabric.control.ComponentCalls.Register;
import org.splitrack.fabric.control.ControlClient;
import org.splitrack.fabric.control.ControlReply;
import org.splitrack.fabric.control.ControlRequest;
import org.splitrack.fabric.control.ControlServer;
import org.splitrack.fabric.transport.Dialer;
import org.splitrack.fabric.transport.FabricServer;
import org.splitrack.fabric.transport.Identity;
import org.splitrack.fabric.transport.TcpTransport;
import org.splitrack.fabric.wire.Lane;

/** A component that speaks the real control protocol and does nothing of its own accord. */
abstract class FakeComponent implements AutoCloseable {
  private static final Duration CALL_LIMIT = Duration.ofSeconds(30);

  private final FakeRack rack;
  private final Identity identity;
  private final ControlClient client;
  private final FabricServer server;
  private final long capacityBytes;

  FakeComponent(FakeRack rack, ComponentId component, BootId boot, long capacityBytes)
      throws IOException {
    this.rack = rack;
    this.capacityBytes = capacityBytes;
    identity = rack.identity(component, boot);
    client = new ControlClient(new Dialer(new TcpTransport(), identity));
    ControlServer control = new ControlServer(identity.rack());
    registerHandlers(control);
    server =
        FabricServer.start(
            new TcpTransport(),
            identity,
            new Endpoint("127.0.0.1", 0),
            Map.of(Lane.CONTROL, control));
  }

  abstract void registerHandlers(ControlServer control);

  /** Registers with the manager. */
  final void start() {
    tell(
        new Register(
            component(),
            boot(),
            server.endpoint(),
            "127.0.0.1:1",
            capacityBytes,
            "node",
            "",
            ProcessHandle.current().pid()));
  }

  final void beat(List<Long> processes) {
    tell(new Heartbeat(component(), boot(), 0, processes.size(), processes, ""));
  }

  /** Calls the manager. */
  final <R extends ControlReply> R tell(ControlRequest<R> request) {
    return client.call(rack.endpoint(), request, CALL_LIMIT);
  }

  /** Calls this component, as the manager would. */
  final <R extends ControlReply> R tellItself(ControlRequest<R> request) {
    Identity manager = rack.identity(ComponentId.parse("global-manager-0"), BootId.random());
    try (ControlClient asManager = new ControlClient(new Dialer(new TcpTransport(), manager))) {
      return asManager.call(server.endpoint(), request, CALL_LIMIT);
    }
  }

  final Endpoint endpoint() {
    return server.endpoint();
  }

  final ComponentId component() {
    return identity.component();
  }

  final BootId boot() {
    return identity.boot();
  }

  @Override
  public void close() {
    server.close();
    client.close();
  }
}
