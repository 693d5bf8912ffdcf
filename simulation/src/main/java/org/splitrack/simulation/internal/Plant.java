package org.splitrack.simulation.internal;

/**
 * Faults of a driver or of the authority that the simulation must find: each takes away one rule
 * that the protocol rests on, outside the protocol's own classes.
 */
public enum Plant {
  NONE("nothing is wrong"),
  NO_EPOCH_FENCE("a copy takes pages of any epoch from anyone"),
  ACK_BEFORE_SECONDARY("the home acknowledges a write before its secondary has it"),
  STALE_BOOT_ACCEPTED("a restarted component takes what was meant for its earlier start"),
  LEARNER_NOT_COUNTED("a caught-up learner counts as if it had acknowledged"),
  PROMOTE_NOT_IN_SYNC("a learner is reported caught up before it is"),
  RESUME_AFTER_HANDOFF("a home goes on serving after its hand-off"),
  STALE_TERM_ACCEPTED("copies and authority listen to a manager that no longer leads"),
  VERSION_CHECK_SKIPPED("a home takes a write-back whatever its version"),
  HANDOFF_WITHOUT_LAST_PAGES("a hand-off does not wait for the last dirty pages"),
  ZEROS_FOR_UNINSTALLED("a region that is not held reads as zeros"),
  UNACKNOWLEDGED_TAIL_DROPPED("a process forgets its open writes at a failover"),
  CAS_WITHOUT_EPOCH_GUARD("the authority stores whatever the row is"),
  RECOPY_OVERWRITES_NEWER("a copied page replaces a newer one"),
  OLD_PAGES_KEPT("a copy that is made again begins with the pages it once had"),
  UNACKNOWLEDGED_READ_EXPOSED("a home lets a page be read before its copies have it"),
  CONFLICT_TAKEN_FOR_SUCCESS("two managers lead, and one whose compare-and-set lost goes on"),
  UNKNOWN_TAKEN_FOR_SUCCESS("a manager goes on as if an unanswered compare-and-set had won"),
  LOST_ON_SILENCE("a manager takes silence for proof that a copy is gone"),
  RELEASE_WITHOUT_EPOCH("a late release erases a copy that is in use again"),
  GRANT_NOT_SHARED("threads of a process follow different epochs"),
  LATE_INSTALL_BEGINS("a late installation begins a region again that was given up"),
  SECONDARY_FORGETS("a secondary acknowledges pages that it does not keep"),
  INSTALL_NOT_AWAITED("a manager takes an installation for done when it is sent"),
  GROWN_WITHOUT_ROOM("a row grows though a copy has no room for more pages"),
  RELIEF_TAKEN_FOR_ROOM("a copy that was moved for a growth is not asked for the pages"),
  ENDED_FORGOTTEN("a copy whose process has ended is released once, heard or not"),
  EXPELLED_REVIVED("the rows of an expelled process are stored again by who has not heard of it"),
  FULL_WINDOW_IGNORED("a home that has no room for a write takes it and tells nobody"),
  FULL_LINK_TAKEN_FOR_SENT("what a full link does not take counts as acknowledged"),
  EMPTIED_OF_HOMES_ONLY("a component counts as empty when no region has its home there"),
  ACK_BEFORE_FSYNC("the authority answers before what it has stored is on its disk"),
  VERSIONS_LOST_IN_MOVE("the target of a move does not know which write-backs it has"),
  LOG_NOT_COUNTED("a home does not wait for its log"),
  LOG_TAKEN_FOR_MEMORY("a log is chosen where a copy in memory is wanted");

  private final String text;

  Plant(String text) {
    this.text = text;
  }

  /** One line. */
  public String text() {
    return text;
  }
}
