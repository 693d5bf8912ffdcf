package org.splitrack.cli.internal.machine;

import org.jspecify.annotations.Nullable;

/** The counts that a command line names; null where it names none. */
public record WantedCounts(
    @Nullable Integer processors,
    @Nullable Integer memories,
    @Nullable Integer storages,
    @Nullable Integer managers,
    @Nullable Long memoryLimit) {
  /** None named. */
  public static final WantedCounts ANY = new WantedCounts(null, null, null, null, null);

  /** These, unless one of them cannot be. */
  public WantedCounts checked() {
    over(RackCounts.DEFAULT);
    return this;
  }

  /** These, and where there are none the others. */
  RackCounts over(RackCounts others) {
    return new RackCounts(
        processors != null ? processors : others.processors(),
        memories != null ? memories : others.memories(),
        storages != null ? storages : others.storages(),
        managers != null ? managers : others.managers(),
        memoryLimit != null ? memoryLimit : others.memoryLimit());
  }
}
