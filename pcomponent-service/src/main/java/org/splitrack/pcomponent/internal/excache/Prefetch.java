package org.splitrack.pcomponent.internal.excache;

/** Which pages are fetched before they are asked for. */
public enum Prefetch {
  /** Along the stride that most recent faults of a stream agree on. */
  LEAP,
  /** The next page. */
  NEXT,
  /** None. */
  OFF
}
