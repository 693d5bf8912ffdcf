package org.splitrack.fabric.transport;

import java.io.IOException;

/** Takes the connections of one lane. */
public interface LaneHandler {
  /**
   * Owns the connection from now on. Called on a virtual thread of the connection's own, which it
   * may keep for the connection's life.
   */
  void accept(Connection connection) throws IOException;
}
