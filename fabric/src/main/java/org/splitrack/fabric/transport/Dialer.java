package org.splitrack.fabric.transport;

import java.io.IOException;
import java.time.Duration;
import org.splitrack.fabric.Endpoint;
import org.splitrack.fabric.wire.Lane;

/** Makes connections in the name of one component. Safe from any thread. */
public final class Dialer {
  private final Transport transport;
  private final Identity identity;

  public Dialer(Transport transport, Identity identity) {
    this.transport = transport;
    this.identity = identity;
  }

  public Transport transport() {
    return transport;
  }

  public Identity identity() {
    return identity;
  }

  /**
   * A connection whose handshake is done, in blocking mode.
   *
   * @param timeout for all of it
   * @throws HandshakeRefused when one end refuses the other
   * @throws IOException when it cannot be reached, or not in time
   */
  public Connection connect(Endpoint endpoint, Lane lane, Duration timeout) throws IOException {
    long startNs = System.nanoTime();
    Link link = transport.dial(endpoint, timeout);
    Duration rest = timeout.minusNanos(System.nanoTime() - startNs);
    try (Deadline deadline = Deadline.on(link, rest)) {
      try {
        Peer peer = new Handshake(link, identity).introduce(lane);
        return new Connection(link, peer, lane);
      } catch (IOException e) {
        link.close();
        throw deadline.explain(e, "the handshake with " + endpoint);
      }
    }
  }
}
