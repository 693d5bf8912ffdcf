package org.splitrack.fabric.region;

import org.jspecify.annotations.Nullable;

/**
 * How a copy took a configuration.
 *
 * @param held the configuration that it has now; null when it holds nothing
 */
public record InstallAnswer(Kind kind, @Nullable RegionConfig held) {
  /** Accepted, or why not. */
  public enum Kind {
    INSTALLED,
    /** A manager of a higher term has spoken. */
    STALE_TERM,
    /** A higher epoch is in force here. */
    STALE_EPOCH,
    /** It would have to have pages, and has none. */
    NOT_HELD,
    /** It was home and has handed off; {@code held} names who is home since. */
    HANDED_OFF,
    /** No room for the reservation. */
    FULL,
    /** This start of the component is not in the configuration. */
    NOT_A_MEMBER
  }
}
