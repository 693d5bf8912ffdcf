package org.splitrack.fabric.region;

/** What a copy is in a configuration. */
public enum CopyRole {
  /** Not in it. */
  NONE,
  HOME,
  /** In sync: it has every write that was acknowledged. */
  SECONDARY,
  LEARNER
}
