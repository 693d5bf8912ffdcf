package org.splitrack.tables.internal;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import org.splitrack.fabric.Endpoint;
import org.splitrack.fabric.config.PostgresUrl;
import org.splitrack.fabric.relay.Relay;
import org.splitrack.fabric.transport.Connection;
import org.splitrack.fabric.transport.LaneHandler;

/**
 * Passes conversations of the {@code rack} command with PostgreSQL on: a database outside the rack
 * may be reached from here, and not from where the command runs. It leads to that database and
 * nowhere else, and gives nobody a right there: who speaks over it has to know a password of the
 * database's own.
 */
final class TablesLane implements LaneHandler, AutoCloseable {
  static final int MAX_CONVERSATIONS = 32;
  private static final int CONNECT_LIMIT_MS = 2_000;

  private final List<Endpoint> targets;
  private final Semaphore free = new Semaphore(MAX_CONVERSATIONS);
  private final Set<Connection> open = ConcurrentHashMap.newKeySet();

  private TablesLane(List<Endpoint> targets) {
    this.targets = List.copyOf(targets);
  }

  /**
   * To the servers that a JDBC URL names; the first that answers is taken.
   *
   * @throws IllegalArgumentException when it is none of PostgreSQL
   */
  static TablesLane to(String jdbcUrl) {
    return new TablesLane(PostgresUrl.parse(jdbcUrl).servers());
  }

  @Override
  public void accept(Connection connection) throws IOException {
    if (!free.tryAcquire()) {
      Relay.refuse(
          connection, MAX_CONVERSATIONS + " commands speak with PostgreSQL already: end one");
      return;
    }
    open.add(connection);
    try {
      SocketChannel target;
      try {
        target = reach();
      } catch (IOException e) {
        Relay.refuse(connection, String.valueOf(e.getMessage()));
        return;
      }
      Relay.serve(connection, target);
    } finally {
      open.remove(connection);
      connection.close();
      free.release();
    }
  }

  private SocketChannel reach() throws IOException {
    List<String> failures = new ArrayList<>();
    for (Endpoint target : targets) {
      SocketChannel channel = SocketChannel.open();
      try {
        InetSocketAddress address = target.address();
        if (address.isUnresolved()) {
          throw new UnknownHostException("the name is not known");
        }
        channel.socket().connect(address, CONNECT_LIMIT_MS);
        return channel;
      } catch (IOException e) {
        channel.close();
        failures.add(target + ": " + e.getMessage());
      }
    }
    throw new IOException("PostgreSQL cannot be reached at " + String.join(", ", failures));
  }

  /** Ends all conversations. */
  @Override
  public void close() {
    open.forEach(Connection::close);
  }
}
