package org.splitrack.manager.internal.pod;

import org.splitrack.fabric.ComponentId;

/** Hears what is new of the rack's pods. */
public interface PodListener {
  /** A pod has its node; its component registers when it has started. */
  void starting(ComponentId component, String node);

  /** The component at this address has been told to stop; it may take its time. */
  void leaving(ComponentId component, String address);

  /**
   * The component at this address may be gone.
   *
   * @param why one clause
   */
  void doubt(ComponentId component, String address, String why);
}
