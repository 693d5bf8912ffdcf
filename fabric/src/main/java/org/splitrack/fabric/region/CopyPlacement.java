package org.splitrack.fabric.region;

import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.splitrack.fabric.ComponentId;
import org.splitrack.fabric.Role;

/** Where another copy of a region may go. */
public interface CopyPlacement {
  /**
   * Chooses a place for one more copy.
   *
   * @param role of the component: memory or, for a log, storage
   * @param excluded components that will not do: those that have a copy, leave, or do not answer
   * @return one with room for the region's reservation, or null
   */
  @Nullable CopyPlace choose(RegionConfig row, Role role, Set<ComponentId> excluded);
}
