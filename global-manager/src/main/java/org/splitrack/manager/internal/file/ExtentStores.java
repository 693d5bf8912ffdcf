package org.splitrack.manager.internal.file;

import java.util.List;
import org.splitrack.fabric.Endpoint;

/**
 * Commands to sComponents; each throws {@link org.splitrack.fabric.control.ControlFault} when it
 * could not be done.
 */
public interface ExtentStores {
  /** Makes empty extents, all or none; refused with FULL. */
  void create(Endpoint store, List<Long> extents);

  /** Removes extents; those that are not there are no error. */
  void delete(Endpoint store, List<Long> extents);

  /** Forgets an extent's bytes from {@code bytes} on. */
  void trim(Endpoint store, long extent, long bytes);
}
