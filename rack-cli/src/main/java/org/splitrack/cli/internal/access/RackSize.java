package org.splitrack.cli.internal.access;

import java.util.List;
import org.splitrack.fabric.ComponentId;
import org.splitrack.fabric.Role;

/**
 * How many components a rack has. A refused change changes nothing and is a {@link
 * org.splitrack.cli.internal.RackFailure}.
 */
public interface RackSize {
  /** How many there are to be of a role, whether they run or not. */
  int of(Role role);

  /** Those of a role that run, in order of their numbers. */
  List<ComponentId> running(Role role);

  /** Starts more of a role; returns when all of them are ready. */
  void grow(Role role, int count);

  /** Ends those of a role with the numbers from {@code count} on; what they hold is lost. */
  void shrink(Role role, int count);
}
