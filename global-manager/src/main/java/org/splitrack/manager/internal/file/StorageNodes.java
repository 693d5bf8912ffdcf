package org.splitrack.manager.internal.file;

import java.util.List;
import java.util.Optional;
import org.splitrack.fabric.ComponentId;
import org.splitrack.fabric.Endpoint;

/** The sComponents that are up, as membership knows them. Safe from any thread. */
public interface StorageNodes {
  /** Those that may be given extents now. */
  List<StorageNode> up();

  /** Where one listens; empty while it is not up. */
  Optional<Endpoint> endpoint(ComponentId component);

  /**
   * One of them.
   *
   * @param freeBytes capacity less what it last said it uses
   */
  record StorageNode(ComponentId component, Endpoint endpoint, long freeBytes) {}
}
