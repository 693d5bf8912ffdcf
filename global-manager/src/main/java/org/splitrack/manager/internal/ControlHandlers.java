package org.splitrack.manager.internal;

import org.splitrack.fabric.control.ControlServer;

/** A part of the manager that answers calls on the control lane; a bean. */
@FunctionalInterface
public interface ControlHandlers {
  /** Registers its handlers; called once, before the first call can come. */
  void registerAt(ControlServer server);
}
