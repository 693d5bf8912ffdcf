package org.splitrack.fabric.region;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.splitrack.fabric.RegionId;

/**
 * What a {@link RegionSteward} has its driver do; each is asked for again when it gets no answer,
 * so a driver may fail at any of them. Must not call back into the steward.
 */
public interface StewardEffects {
  /** Stores all changes in one transaction, or none; answer: {@link RegionSteward#onStored}. */
  void store(long change, List<ConfigChange> changes);

  /** Reads rows again; answer: {@link RegionSteward#onReloaded}. */
  void reload(List<RegionId> regions);

  /** Sets pages aside for a copy; answer: {@link RegionSteward#onReserved}. */
  void reserve(CopyPlace place, RegionConfig row, long term);

  /** Answer: {@link RegionSteward#onInstallAnswer}, or nothing when the place does not answer. */
  void install(CopyPlace place, RegionConfig row, long term);

  /** Gives a copy up whose epoch is not above this; no answer. */
  void release(CopyPlace place, RegionId region, long epoch, long term);

  /** Tells the process that uses the region; answer: {@link RegionSteward#onTold}. */
  void tell(RegionConfig row);

  /** Asks whether that start of the component is there; answer: {@code onProbed}. */
  void probe(CopyPlace place);

  /** A change is in force in the authority; for events, tables and what waits for it. */
  void changed(ConfigChange change);

  /** The home and all copies have the row's configuration. */
  void settled(RegionConfig row);

  /** No copy is left; the process cannot go on. */
  void lost(RegionConfig row, String reason);

  /**
   * A migration is over.
   *
   * @param error null when the target is home
   */
  void migrated(RegionId region, CopyPlace target, @Nullable String error);

  /** Another manager leads; nothing follows until {@link RegionSteward#onLeading}. */
  void resigned(String reason);
}
