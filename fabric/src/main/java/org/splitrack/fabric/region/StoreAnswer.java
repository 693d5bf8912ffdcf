package org.splitrack.fabric.region;

/** What became of a transaction of the authority. */
public enum StoreAnswer {
  STORED,
  /** A row was not as expected; nothing was stored. */
  CONFLICT,
  /** Another manager leads; nothing was stored. */
  NOT_LEADING,
  /** No answer: it may have been stored. */
  UNKNOWN
}
