package org.splitrack.fabric.region;

import org.splitrack.fabric.wire.Status;

/** What to do with a request now. */
public enum Verdict {
  /** Answer it now: with the page, or with the version held. */
  DONE(Status.OK),
  /** {@link CopyEffects} answers it later. */
  WAIT(Status.OK),
  /**
   * No room, or not just now: leave it where it is, unread, and offer it again after {@link
   * CopyEffects#roomAgain}. This is how a slow member slows writers.
   */
  LATER(Status.OK),
  /** Another is home by a hand-off; see {@link RegionCopy#successorEpoch}. */
  MOVED(Status.MOVED),
  NOT_HOLDER(Status.NOT_HOLDER),
  STALE_EPOCH(Status.STALE_EPOCH),
  EXPELLED(Status.EXPELLED),
  BAD_REQUEST(Status.BAD_REQUEST);

  private final Status status;

  Verdict(Status status) {
    this.status = status;
  }

  /** For the header of the answer. */
  public Status status() {
    return status;
  }

  public boolean isRefusal() {
    return status != Status.OK;
  }
}
