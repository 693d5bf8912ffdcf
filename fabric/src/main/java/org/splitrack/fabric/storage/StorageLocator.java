package org.splitrack.fabric.storage;

import org.splitrack.fabric.ComponentId;
import org.splitrack.fabric.Endpoint;

/** Says where an sComponent listens now. Safe from any thread. */
@FunctionalInterface
public interface StorageLocator {
  /**
   * Its address.
   *
   * @throws org.splitrack.fabric.control.ControlFault while that is not known
   */
  Endpoint locate(ComponentId component);
}
