package org.splitrack.fabric.transport;

import java.io.IOException;
import java.time.Duration;
import org.splitrack.fabric.Endpoint;

/** A way for bytes to travel between components. Safe from any thread. */
public interface Transport {
  /**
   * A new link.
   *
   * @throws IOException when nobody answers within {@code timeout}
   */
  Link dial(Endpoint endpoint, Duration timeout) throws IOException;

  /**
   * Starts to listen.
   *
   * @param bind where; port 0 = any free one
   */
  Listener listen(Endpoint bind) throws IOException;

  /** Where one thread waits for links of this transport. */
  WaitPoint waitPoint() throws IOException;
}
