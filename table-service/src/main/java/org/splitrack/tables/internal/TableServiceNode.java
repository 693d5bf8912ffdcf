package org.splitrack.tables.internal;

import java.io.IOException;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
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
import org.splitrack.fabric.report.BrokerAccess;
import org.splitrack.fabric.transport.Dialer;
import org.splitrack.fabric.transport.FabricServer;
import org.splitrack.fabric.transport.Identity;
import org.splitrack.fabric.transport.Transport;
import org.splitrack.fabric.wire.Lane;
import org.splitrack.tables.internal.schema.PostgresAccess;

/** The table service without Spring: the mirror, its port, its tie to the global manager. */
final class TableServiceNode implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(TableServiceNode.class);
  private static final double NS_PER_S = 1e9;

  private final ComponentSettings settings;
  private final Identity identity;
  private final String httpEndpoint;
  private final TablesLane tables;
  private final FabricServer server;
  private final ControlClient control;
  private final MirrorLoop mirror;
  private final ManagerLink manager;
  private long loadSinceNs = System.nanoTime();
  private long loadFromWritten;

  private TableServiceNode(
      ComponentSettings settings, Identity identity, Transport transport, String httpEndpoint)
      throws IOException {
    Endpoint managerAt = required(settings.manager(), "splitrack.manager");
    BrokerAccess kafka = required(settings.kafka(), "splitrack.kafka");
    var postgres =
        new PostgresAccess(
            required(settings.postgresUrl(), "splitrack.postgres-url"),
            required(settings.postgresUser(), "splitrack.postgres-user"),
            required(settings.postgresPasswordFile(), "splitrack.postgres-password-file"));
    this.settings = settings;
    this.identity = identity;
    this.httpEndpoint = httpEndpoint;
    ControlServer commands = new ControlServer(identity.rack());
    LinkFaults.register(commands, transport);
    tables = TablesLane.to(postgres.url());
    server =
        FabricServer.start(
            transport,
            identity,
            new Endpoint(settings.bind(), settings.port()),
            Map.of(Lane.CONTROL, commands, Lane.TABLES, tables));
    control = new ControlClient(new Dialer(transport, identity));
    mirror = MirrorLoop.start(postgres, kafka, InstantSource.system());
    manager = ManagerLink.start(control, managerAt, this::register, this::heartbeat);
  }

  /**
   * Starts one; everything that may be away is connected to in the background.
   *
   * @param httpEndpoint where its health page is, as {@code host:port}
   * @throws IOException when the port is somebody else's
   */
  static TableServiceNode start(
      ComponentSettings settings, Identity identity, Transport transport, String httpEndpoint)
      throws IOException {
    var node = new TableServiceNode(settings, identity, transport, httpEndpoint);
    LOG.info(StartUpCache.describe());
    LOG.info(
        "{} boot {} listens on {}", identity.component(), identity.boot(), node.server.endpoint());
    return node;
  }

  MirrorLoop mirror() {
    return mirror;
  }

  @Override
  public void close() {
    manager.close();
    server.close();
    tables.close();
    control.close();
    mirror.close();
  }

  private Register register() {
    return new Register(
        identity.component(),
        identity.boot(),
        settings.advertised(server.endpoint().port()),
        httpEndpoint,
        0,
        settings.node(),
        "none",
        ProcessHandle.current().pid());
  }

  /** Its load: changes that became rows, a second. Asked for by one thread. */
  private Heartbeat heartbeat() {
    long nowNs = System.nanoTime();
    long written = mirror.written();
    double seconds = Math.max((nowNs - loadSinceNs) / NS_PER_S, 1e-3);
    double load = (written - loadFromWritten) / seconds;
    loadSinceNs = nowNs;
    loadFromWritten = written;
    return new Heartbeat(
        identity.component(),
        identity.boot(),
        0,
        load,
        List.of(),
        Objects.requireNonNullElse(mirror.trouble(), ""));
  }

  private static <T> T required(@Nullable T value, String property) {
    if (value == null) {
      throw new IllegalArgumentException(property + " is not set");
    }
    return value;
  }
}
