package org.splitrack.manager.internal;

import org.splitrack.fabric.control.ControlFault;

/** Whether this manager leads, by the authority. */
@FunctionalInterface
interface Reign {
  /**
   * Says that this manager lives, or tries to lead; when it begins to lead, it has begun when this
   * returns.
   *
   * @return whether it leads
   * @throws ControlFault UNAVAILABLE when the authority does not answer; nothing changes then
   */
  boolean step();
}
