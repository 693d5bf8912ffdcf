package org.splitrack.fabric.transport;

import org.splitrack.fabric.wire.Lane;

/** A link whose ends have proved who they are, for one lane. */
public record Connection(Link link, Peer peer, Lane lane) implements AutoCloseable {
  @Override
  public void close() {
    link.close();
  }
}
