package org.splitrack.mcomponent.internal;

import java.io.IOException;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.jspecify.annotations.Nullable;
import org.splitrack.fabric.BootId;
import org.splitrack.fabric.Endpoint;
import org.splitrack.fabric.control.ComponentCalls.Heartbeat;
import org.splitrack.fabric.control.ComponentCalls.HeartbeatAnswer;
import org.splitrack.fabric.control.ComponentCalls.Register;
import org.splitrack.fabric.control.ComponentCalls.Registered;
import org.splitrack.fabric.control.ControlServer;
import org.splitrack.fabric.testkit.TestRack;
import org.splitrack.fabric.transport.FabricServer;
import org.splitrack.fabric.transport.Transport;
import org.splitrack.fabric.wire.Lane;

/** A global manager that knows everyone and keeps what they say. */
public final class StubManager implements AutoCloseable {
  private static final int HEARTBEAT_MS = 20;

  private final BootId boot = BootId.random();
  private final BlockingQueue<Register> registrations = new LinkedBlockingQueue<>();
  private final FabricServer server;
  private volatile @Nullable Heartbeat latest;

  public StubManager(Transport transport) throws IOException {
    ControlServer control = new ControlServer(TestRack.RACK);
    control.register(
        Register.class,
        (register, attachment, peer) -> {
          registrations.add(register);
          return new Registered(boot, HEARTBEAT_MS);
        });
    control.register(
        Heartbeat.class,
        (heartbeat, attachment, peer) -> {
          latest = heartbeat;
          return new HeartbeatAnswer(true);
        });
    server =
        TestRack.server(
            transport, TestRack.identity("global-manager-0"), Map.of(Lane.CONTROL, control));
  }

  public Endpoint endpoint() {
    return server.endpoint();
  }

  public Register awaitRegistration() throws InterruptedException {
    return registrations.take();
  }

  @Nullable Heartbeat latestHeartbeat() {
    return latest;
  }

  @Override
  public void close() {
    server.close();
  }
}
