package org.splitrack.fabric.transport;

import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.splitrack.fabric.Endpoint;
import org.splitrack.fabric.wire.Lane;

/** A component's one port: takes connections, checks who dials, hands each to its lane. */
public final class FabricServer implements AutoCloseable {
  public static final int MAX_CONNECTIONS = 1024;
  public static final int MAX_PENDING_HANDSHAKES = 64;
  public static final Duration HANDSHAKE_TIMEOUT = Duration.ofSeconds(5);

  /** Different refusals that are told before the first of them is told again. */
  private static final int MAX_TOLD_REFUSALS = 64;

  private static final Duration CLOSE_WAIT = Duration.ofSeconds(1);
  private static final Logger LOG = LoggerFactory.getLogger(FabricServer.class);

  private final Listener listener;
  private final Identity identity;
  private final Map<Lane, LaneHandler> lanes;
  private final int maxConnections;
  private final Set<Link> open = ConcurrentHashMap.newKeySet();
  private final Semaphore pending = new Semaphore(MAX_PENDING_HANDSHAKES);
  private final AtomicLong refused = new AtomicLong();
  private final Set<String> toldRefusals = ConcurrentHashMap.newKeySet();

  private final Thread acceptor;

  private FabricServer(
      Listener listener, Identity identity, Map<Lane, LaneHandler> lanes, int maxConnections) {
    this.listener = listener;
    this.identity = identity;
    this.lanes = Map.copyOf(lanes);
    this.maxConnections = maxConnections;
    this.acceptor = Thread.ofPlatform().daemon().name("fabric-accept").unstarted(this::acceptAll);
  }

  /**
   * Listens from now on.
   *
   * @param bind port 0 = any free one, see {@link #endpoint}
   * @throws IOException when the port is taken
   */
  public static FabricServer start(
      Transport transport, Identity identity, Endpoint bind, Map<Lane, LaneHandler> lanes)
      throws IOException {
    return start(transport, identity, bind, lanes, MAX_CONNECTIONS);
  }

  static FabricServer start(
      Transport transport,
      Identity identity,
      Endpoint bind,
      Map<Lane, LaneHandler> lanes,
      int maxConnections)
      throws IOException {
    Listener listener;
    try {
      listener = transport.listen(bind);
    } catch (IOException e) {
      throw new IOException(
          identity.component() + " cannot listen on " + bind + ": " + e.getMessage(), e);
    }
    FabricServer server = new FabricServer(listener, identity, lanes, maxConnections);
    server.acceptor.start();
    return server;
  }

  public Endpoint endpoint() {
    return listener.endpoint();
  }

  /** Connections that were refused or given up before their handshake was done. */
  public long refused() {
    return refused.get();
  }

  /** Connections that are open now, those in their handshake included. */
  public int connections() {
    return open.size();
  }

  /** Ends all connections; the port is free again on return. */
  @Override
  public void close() {
    listener.close();
    acceptor.interrupt();
    open.forEach(Link::close);
    try {
      acceptor.join(CLOSE_WAIT);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void acceptAll() {
    try {
      while (true) {
        // While too many handshakes hang, dials wait in the system's backlog rather than fail.
        pending.acquire();
        Link link = listener.accept();
        if (open.size() >= maxConnections) {
          refused.incrementAndGet();
          link.close();
          pending.release();
          continue;
        }
        open.add(link);
        link.onClose(() -> open.remove(link));
        Thread.ofVirtual().name("fabric-connection").start(() -> serve(link));
      }
    } catch (IOException e) {
      LOG.debug("no longer listening", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void serve(Link link) {
    try {
      Connection connection = admit(link);
      LaneHandler handler = lanes.get(connection.lane());
      if (handler == null) {
        throw new IllegalStateException("no handler for lane " + connection.lane());
      }
      handler.accept(connection);
    } catch (IOException e) {
      LOG.debug("connection closed: {}", e.getMessage());
      link.close();
    } catch (RuntimeException e) {
      LOG.error("a connection failed", e);
      link.close();
    }
  }

  /** Once: whoever is refused comes again and again. */
  private void tell(String refusal) {
    if (toldRefusals.size() >= MAX_TOLD_REFUSALS) {
      toldRefusals.clear();
    }
    if (toldRefusals.add(refusal)) {
      LOG.warn("{} {}", identity.component(), refusal);
    }
  }

  private Connection admit(Link link) throws IOException {
    try (Deadline deadline = Deadline.on(link, HANDSHAKE_TIMEOUT)) {
      try {
        return new Handshake(link, identity).admit(lanes.keySet());
      } catch (IOException e) {
        refused.incrementAndGet();
        if (e instanceof HandshakeRefused) {
          tell("refuses %s: %s".formatted(link.remote(), e.getMessage()));
        }
        throw deadline.explain(e, "a handshake");
      }
    } finally {
      pending.release();
    }
  }
}
