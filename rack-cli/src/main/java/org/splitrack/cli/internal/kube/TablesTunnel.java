package org.splitrack.cli.internal.kube;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.function.Supplier;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.splitrack.cli.internal.RackFailure;
import org.splitrack.fabric.Endpoint;
import org.splitrack.fabric.relay.Relay;
import org.splitrack.fabric.transport.Connection;
import org.splitrack.fabric.transport.Dialer;
import org.splitrack.fabric.transport.HandshakeRefused;
import org.splitrack.fabric.wire.Lane;

/**
 * A port of this machine that leads to the rack's PostgreSQL by way of its table service, for a
 * database that only the cluster reaches. Each connection of the port is one of the rack's own.
 */
final class TablesTunnel implements AutoCloseable {
  private static final Duration LIMIT = Duration.ofSeconds(5);
  private static final Logger LOG = Logger.getLogger(TablesTunnel.class.getName());

  private final Dialer dialer;
  private final Supplier<Endpoint> tableService;
  private final ServerSocketChannel port;

  private TablesTunnel(Dialer dialer, Supplier<Endpoint> tableService, ServerSocketChannel port) {
    this.dialer = dialer;
    this.tableService = tableService;
    this.port = port;
  }

  /**
   * Opens one.
   *
   * @param tableService where to dial now; another pod has another place
   * @throws RackFailure in one line when the database is not reached that way
   */
  static TablesTunnel open(Dialer dialer, Supplier<Endpoint> tableService) {
    try {
      connect(dialer, tableService).close();
      ServerSocketChannel port = ServerSocketChannel.open();
      port.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
      TablesTunnel tunnel = new TablesTunnel(dialer, tableService, port);
      Thread.ofPlatform().daemon().name("tables-tunnel").start(tunnel::acceptAll);
      return tunnel;
    } catch (HandshakeRefused e) {
      throw RackFailure.failed(
          "table-service-0 passes nothing on to PostgreSQL (%s): is it of this version?"
              .formatted(RackFailure.reason(e)));
    } catch (IOException e) {
      throw RackFailure.failed("table-service-0: " + RackFailure.reason(e));
    }
  }

  Endpoint endpoint() {
    return new Endpoint(
        port.socket().getInetAddress().getHostAddress(), port.socket().getLocalPort());
  }

  private static Connection connect(Dialer dialer, Supplier<Endpoint> tableService)
      throws IOException {
    Connection connection = dialer.connect(tableService.get(), Lane.TABLES, LIMIT);
    Relay.awaitReached(connection, LIMIT);
    return connection;
  }

  private void acceptAll() {
    try {
      while (true) {
        SocketChannel socket = port.accept();
        Thread.ofVirtual().name("tables-tunnel").start(() -> pass(socket));
      }
    } catch (IOException e) {
      LOG.log(Level.FINE, "the tunnel is closed", e);
    }
  }

  private void pass(SocketChannel socket) {
    try (socket) {
      Relay.join(connect(dialer, tableService).link(), socket);
    } catch (IOException | RackFailure e) {
      // Whoever dialled sees the connection end, and says so.
      LOG.log(Level.FINE, "PostgreSQL is not reached", e);
    }
  }

  @Override
  public void close() {
    try {
      port.close();
    } catch (IOException e) {
      throw RackFailure.failed("a port does not close: " + RackFailure.reason(e));
    }
  }
}
