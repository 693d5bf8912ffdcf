package org.splitrack.scomponent.internal;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.splitrack.fabric.Endpoint;
import org.splitrack.fabric.config.ComponentSettings;
import org.splitrack.fabric.config.StartUpCache;
import org.splitrack.fabric.control.ComponentCalls.Heartbeat;
import org.splitrack.fabric.control.ComponentCalls.Register;
import org.splitrack.fabric.control.ControlClient;
import org.splitrack.fabric.control.ControlServer;
import org.splitrack.fabric.control.LinkFaults;
import org.splitrack.fabric.control.ManagerLink;
import org.splitrack.fabric.transport.Dialer;
import org.splitrack.fabric.transport.FabricServer;
import org.splitrack.fabric.transport.Identity;
import org.splitrack.fabric.transport.Transport;
import org.splitrack.fabric.wire.Lane;
import org.splitrack.scomponent.internal.disk.ExtentDisk;
import org.splitrack.scomponent.internal.lane.StorageCommands;
import org.splitrack.scomponent.internal.lane.StorageLane;

/** An sComponent without Spring: its disk, its port, its tie to the global manager. */
public final class SComponentNode implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(SComponentNode.class);
  private static final double NS_PER_S = 1e9;

  private final ComponentSettings settings;
  private final Identity identity;
  private final String httpEndpoint;
  private final ExtentDisk disk;
  private final StorageLane lane;
  private final FabricServer server;
  private final ControlClient control;
  private final ManagerLink manager;
  private long loadSinceNs = System.nanoTime();
  private long loadFromRequests;

  private SComponentNode(
      ComponentSettings settings,
      Identity identity,
      Transport transport,
      String httpEndpoint,
      ExtentDisk disk)
      throws IOException {
    this.settings = settings;
    this.identity = identity;
    this.httpEndpoint = httpEndpoint;
    this.disk = disk;
    this.lane = new StorageLane(disk, identity);
    ControlServer commands = new ControlServer(identity.rack());
    new StorageCommands(disk, lane).register(commands);
    LinkFaults.register(commands, transport);
    server =
        FabricServer.start(
            transport,
            identity,
            new Endpoint(settings.bind(), settings.port()),
            Map.of(Lane.STORAGE, lane, Lane.CONTROL, commands));
    control = new ControlClient(new Dialer(transport, identity));
    manager =
        ManagerLink.start(
            control,
            Objects.requireNonNull(settings.manager(), "splitrack.manager is not set"),
            this::register,
            this::heartbeat);
  }

  /**
   * Starts one; registration with the manager goes on in the background.
   *
   * @param httpEndpoint where its health page is, as {@code host:port}
   * @throws IOException when the folder or the port is somebody else's
   */
  public static SComponentNode start(
      ComponentSettings settings, Identity identity, Transport transport, String httpEndpoint)
      throws IOException {
    ExtentDisk disk = ExtentDisk.open(settings.dataDir(), settings.diskLimitBytes());
    try {
      SComponentNode node = new SComponentNode(settings, identity, transport, httpEndpoint, disk);
      LOG.info(StartUpCache.describe());
      LOG.info(
          "{} boot {} listens on {}, {} extents of {} bytes",
          identity.component(),
          identity.boot(),
          node.endpoint(),
          disk.extentCount(),
          disk.usedBytes());
      return node;
    } catch (IOException | RuntimeException e) {
      disk.close();
      throw e;
    }
  }

  public Endpoint endpoint() {
    return settings.advertised(server.endpoint().port());
  }

  public boolean registered() {
    return manager.registered();
  }

  @Override
  public void close() throws IOException {
    manager.close();
    server.close();
    control.close();
    disk.close();
  }

  private Register register() {
    return new Register(
        identity.component(),
        identity.boot(),
        endpoint(),
        httpEndpoint,
        disk.limitBytes(),
        settings.node(),
        "none",
        ProcessHandle.current().pid());
  }

  private Heartbeat heartbeat() {
    return new Heartbeat(
        identity.component(),
        identity.boot(),
        disk.usedBytes(),
        requestsPerSecond(),
        List.of(),
        "");
  }

  private double requestsPerSecond() {
    long nowNs = System.nanoTime();
    long requests = lane.requests();
    double seconds = (nowNs - loadSinceNs) / NS_PER_S;
    double load = seconds <= 0 ? 0 : (requests - loadFromRequests) / seconds;
    loadSinceNs = nowNs;
    loadFromRequests = requests;
    return load;
  }
}
