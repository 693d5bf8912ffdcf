package org.splitrack.manager.internal.membership;

import java.util.Locale;

/** How a component stands with the rack. */
public enum MemberState {
  /** Known, not usable yet. */
  STARTING,
  UP,
  /** Nothing new is placed on it, and what it has goes elsewhere. */
  DRAINING,
  /** Silent for a while; nothing new is placed on it. */
  SUSPECT,
  /** Silent for too long. */
  DOWN,
  /** It said that it stops. */
  LEFT;

  /** As the tables show it. */
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }
}
