package org.splitrack.manager.internal.authority;

import org.jspecify.annotations.Nullable;
import org.splitrack.fabric.region.ConfigChange;
import org.splitrack.fabric.region.RegionConfig;

/**
 * A region's next row.
 *
 * @param expected the row that it follows, null for none
 * @param next of a higher epoch, or the same with more pages reserved
 * @param reason a short clause for the history: {@code mcomponent-1 silent}
 */
record RegionChange(@Nullable RegionConfig expected, RegionConfig next, String reason) {
  public RegionChange {
    if (expected != null) {
      boolean more =
          next.epoch() == expected.epoch() && next.reservedPages() >= expected.reservedPages();
      if (!next.region().equals(expected.region()) || !(more || next.epoch() > expected.epoch())) {
        throw new IllegalArgumentException(next + " does not follow " + expected);
      }
    }
  }

  static RegionChange of(ConfigChange change) {
    return new RegionChange(change.expected(), change.next(), change.reason());
  }
}
