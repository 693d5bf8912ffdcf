package org.splitrack.fabric.testkit;

import java.io.IOException;
import java.util.Map;
import org.splitrack.fabric.BootId;
import org.splitrack.fabric.ComponentId;
import org.splitrack.fabric.Endpoint;
import org.splitrack.fabric.RackId;
import org.splitrack.fabric.transport.FabricServer;
import org.splitrack.fabric.transport.Identity;
import org.splitrack.fabric.transport.LaneHandler;
import org.splitrack.fabric.transport.SharedSecret;
import org.splitrack.fabric.transport.Transport;
import org.splitrack.fabric.wire.Lane;

/** Identities of one rack, and servers on loopback. */
public final class TestRack {
  public static final RackId RACK = new RackId(0x5eed_0001L);
  public static final SharedSecret SECRET = SharedSecret.parse("00112233445566778899aabbccddeeff");
  public static final Endpoint ANY_PORT = new Endpoint("127.0.0.1", 0);

  private TestRack() {}

  public static Identity identity(String component) {
    return new Identity(RACK, ComponentId.parse(component), BootId.random(), SECRET);
  }

  public static FabricServer server(
      Transport transport, Identity identity, Map<Lane, LaneHandler> lanes) throws IOException {
    return FabricServer.start(transport, identity, ANY_PORT, lanes);
  }
}
