package org.splitrack.fabric.region;

import org.splitrack.fabric.wire.Status;

/**
 * The accessor's side of one region, for one thread of the process: which home a request goes to,
 * which answers count, when to repeat and when to ask the manager. The accessor is a member of the
 * region: once it knows an epoch it takes nothing from homes of lower ones, and since it is the
 * only writer a home that was replaced without noticing can neither acknowledge nor serve it
 * anything.
 *
 * <p>The driver keeps the requests and stamps each with {@link #epoch} when it is sent. Allocates
 * nothing but a grant at a hand-off. Owned by one thread.
 */
public final class RegionAccess {
  /** Ticks between two repetitions to a home that refuses or cannot be reached. */
  public static final int REPEAT_TICKS = 2;

  /** Ticks without an answer, with requests under way, after which the home is reported. */
  public static final int SUSPECT_TICKS = 6;

  private final AccessEffects effects;
  private AccessGrant grant;
  private boolean troubled;
  private boolean failed;
  private int tick;
  private int heardTick;

  public RegionAccess(AccessGrant grant, AccessEffects effects) {
    this.grant = grant;
    this.effects = effects;
    if (grant.lost()) {
      fail(Status.FAILED, "is lost");
    }
  }

  /** Where requests go now. */
  public AccessGrant grant() {
    return grant;
  }

  /** The epoch that a request sent now carries. */
  public long epoch() {
    return grant.epoch();
  }

  /** Whether requests are of no use. */
  public boolean hasFailed() {
    return failed;
  }

  /** A grant from the manager, or one that another thread of the process knows of. */
  public void onGrant(AccessGrant next) {
    if (failed || !next.supersedes(grant)) {
      return;
    }
    boolean otherHome = next.homeSince() > grant.epoch();
    grant = next;
    if (next.lost()) {
      fail(Status.FAILED, "is lost: no copy is left");
    } else if (otherHome) {
      troubled = false;
      heardTick = tick;
      effects.repeat(this);
    }
  }

  /**
   * An answer, or a refusal.
   *
   * @param requestEpoch with which the request was sent
   * @param successorEpoch in an answer MOVED: see {@link RegionCopy#successorEpoch}
   * @return true: it completes the request; false: forget the answer, the request stays open
   */
  public boolean onReply(long requestEpoch, Status status, long successorEpoch) {
    if (failed || requestEpoch < grant.homeSince()) {
      return false;
    }
    heardTick = tick;
    switch (status) {
      case OK -> {
        return true;
      }
      case MOVED -> moved(successorEpoch);
      case NOT_HOLDER, STALE_BOOT, STALE_EPOCH -> trouble();
      case EXPELLED -> fail(status, "is no longer this process's");
      case BAD_REQUEST, FULL, FAILED -> fail(status, "refuses a request");
    }
    return false;
  }

  /** The connection to the home broke, or cannot be made; the requests on it are open still. */
  public void onHomeLost() {
    if (!failed) {
      effects.suspect(this, true);
      trouble();
    }
  }

  /**
   * Called at even intervals.
   *
   * @param open requests of the region without an answer
   */
  public void onTick(int open) {
    tick++;
    if (failed) {
      return;
    }
    if (open == 0) {
      heardTick = tick;
      return;
    }
    int silent = tick - heardTick;
    if (silent > 0 && silent % SUSPECT_TICKS == 0) {
      effects.suspect(this, false);
      trouble();
    }
    if (troubled && tick % REPEAT_TICKS == 0) {
      troubled = false;
      effects.resolve(grant.region());
      effects.repeat(this);
    }
  }

  private void moved(long successorEpoch) {
    if (grant.successor() == null || successorEpoch != grant.epoch() + 1) {
      trouble();
      return;
    }
    grant = grant.moved();
    troubled = false;
    effects.adopted(grant);
    effects.repeat(this);
  }

  /** Asks at once the first time, then with the ticks. */
  private void trouble() {
    if (!troubled) {
      troubled = true;
      effects.resolve(grant.region());
    }
  }

  private void fail(Status status, String reason) {
    failed = true;
    effects.failed(this, status, "region " + grant.region() + " " + reason);
  }
}
