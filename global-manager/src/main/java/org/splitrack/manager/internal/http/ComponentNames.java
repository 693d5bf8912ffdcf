package org.splitrack.manager.internal.http;

import org.splitrack.fabric.ComponentId;
import org.splitrack.fabric.control.ControlFault;
import org.splitrack.fabric.control.ControlFault.Code;

/** Names of components in requests. */
final class ComponentNames {
  private ComponentNames() {}

  /**
   * Reads one.
   *
   * @throws ControlFault BAD_REQUEST
   */
  static ComponentId parse(String text) {
    try {
      return ComponentId.parse(text);
    } catch (IllegalArgumentException e) {
      throw new ControlFault(Code.BAD_REQUEST, String.valueOf(e.getMessage()));
    }
  }
}
