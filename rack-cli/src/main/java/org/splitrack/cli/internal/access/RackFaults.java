package org.splitrack.cli.internal.access;

import org.jspecify.annotations.Nullable;
import org.splitrack.fabric.ComponentId;

/**
 * Faults of components. A refused one changes nothing and is a {@link
 * org.splitrack.cli.internal.RackFailure}.
 */
public interface RackFaults {
  /** It ends at once and tells nobody; returns when it is gone. */
  void kill(ComponentId id);

  /** It keeps its memory and its connections, and says nothing more. */
  void pause(ComponentId id);

  /** After {@link #pause}. */
  void resume(ComponentId id);

  /** Returns when one that has died is ready again. */
  void start(ComponentId id);

  /** An orderly end and a start: the same name, with nothing in its memory. */
  void restart(ComponentId id);

  /**
   * Cuts the network between components.
   *
   * @param from null: from everybody
   */
  void cut(ComponentId one, @Nullable ComponentId from);

  /** Ends what {@link #cut} did. */
  void heal(ComponentId one, @Nullable ComponentId from);
}
