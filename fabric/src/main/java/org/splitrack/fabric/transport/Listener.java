package org.splitrack.fabric.transport;

import java.io.IOException;
import org.splitrack.fabric.Endpoint;

/** Takes links that others dial. */
public interface Listener extends AutoCloseable {
  /** Where it listens, the chosen port included. */
  Endpoint endpoint();

  /** Waits for the next link; throws once closed. */
  Link accept() throws IOException;

  @Override
  void close();
}
