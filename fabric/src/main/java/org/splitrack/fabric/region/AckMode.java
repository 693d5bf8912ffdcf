package org.splitrack.fabric.region;

/** When the home of a region answers a write-back. */
public enum AckMode {
  /** It has the page; there is no second copy. */
  NONE,
  /**
   * It has the page; the second copy is sent it without waiting, and what finds no room to wait for
   * that is not sent at all: LegoOS's best effort (its {@code append_replica_log} drops the entry
   * when the log is full).
   */
  LEGO,
  /** All copies have the page. */
  SAFE,
  /** All copies and a log have the page. */
  LOGGED;

  /** Copies that a region should have in memory. */
  public int copiesWanted() {
    return this == NONE ? 1 : 2;
  }

  /** Logs that a region should have besides. */
  public int logsWanted() {
    return this == LOGGED ? 1 : 0;
  }

  /** Whether an answer waits for the copies that are in sync. */
  public boolean waitsForCopies() {
    return this == SAFE || this == LOGGED;
  }
}
