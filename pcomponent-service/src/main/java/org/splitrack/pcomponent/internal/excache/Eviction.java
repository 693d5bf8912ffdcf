package org.splitrack.pcomponent.internal.excache;

/** Which page leaves the cache when another needs its frame. */
public enum Eviction {
  /** Second chance by unmapping, with new pages on probation. */
  CLOCK,
  /** Order of arrival. */
  FIFO,
  /** Any, for comparison. */
  RANDOM
}
