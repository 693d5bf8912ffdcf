package org.splitrack.fabric.region;

/**
 * A copy that is being made. Every acknowledgement waits for it from the moment it is in the
 * configuration, but it is no copy to rely on before it has caught up.
 */
public record Learner(CopyPlace place, Purpose purpose) {
  /** What it becomes. */
  public enum Purpose {
    SECONDARY,
    /** Live migration: it takes over as home by a hand-off, under the successor configuration. */
    HOME
  }
}
