package org.splitrack.fabric.region;

import java.util.LinkedHashMap;
import org.splitrack.fabric.BootId;
import org.splitrack.fabric.RegionId;

/**
 * Regions that one start of a component has held and given up, with the epoch of the row that had
 * them elsewhere. A late repetition of an installation from before would else begin an empty copy,
 * and a process that has not heard of the move would read zeros from it. Owned by one thread.
 */
public final class ReleasedRegions {
  /** The newest that are remembered; a message is not late by that many. */
  public static final int MAX_REMEMBERED = 16_384;

  private final LinkedHashMap<RegionId, Long> epochs = new LinkedHashMap<>();

  /** The region's copy was given up, for a row at this epoch. */
  public void add(RegionId region, long rowEpoch) {
    epochs.remove(region);
    if (epochs.size() >= MAX_REMEMBERED) {
      epochs.remove(epochs.firstEntry().getKey());
    }
    epochs.put(region, rowEpoch);
  }

  /**
   * Whether a configuration may be installed where nothing is held: a copy that is to be made, or
   * the region's first configuration. Else pages would have to be there, and zeros would take their
   * place. The driver sets the pages aside then, makes a copy and installs; else it answers
   * NOT_HELD.
   */
  public boolean mayBegin(RegionConfig config, BootId boot) {
    long released = epochs.getOrDefault(config.region(), 0L);
    return config.roleOf(boot) == CopyRole.LEARNER
        ? config.epoch() > released
        : config.epoch() == RegionConfig.FIRST_EPOCH && released == 0;
  }

  /** Whether pages may be set aside where nothing is held, for a copy that the row is to get. */
  public boolean mayReserve(RegionId region, long rowEpoch) {
    return rowEpoch >= epochs.getOrDefault(region, 0L);
  }
}
