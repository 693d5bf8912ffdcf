package org.splitrack.fabric.region;

/**
 * What a {@link RegionCopy} has its driver do. Called from within the copy's own methods, on its
 * thread; must not call back into the copy. Nothing may throw.
 */
public interface CopyEffects {
  /**
   * Stores the body of the message that is being judged as this version of the page, before
   * returning: what follows may send the page on.
   */
  void store(RegionCopy copy, int page, long version);

  /**
   * Drops all pages and their versions, before returning: a copy that is to be made begins with
   * nothing. What it may have from an earlier time can be newer than what the others have, and was
   * never acknowledged.
   */
  void erase(RegionCopy copy);

  /** Answers a read that was told to WAIT, with the page as it is now. */
  void replyRead(RegionCopy copy, long origin, long sequence, int page);

  /** Acknowledges a write-back that was told to WAIT, with the version held now. */
  void replyWrite(RegionCopy copy, long origin, long sequence, int page);

  /**
   * Counts a write-back, told DONE or answered by {@link #replyWrite}, that is acknowledged while
   * the region has one copy though it wants more. A repeat is acknowledged, and counted, again.
   */
  void unprotected(RegionCopy copy);

  /** Counts a page that is not sent to the members, for want of room under {@link AckMode#LEGO}. */
  void dropped(RegionCopy copy);

  /** Refuses a request that was told to WAIT. */
  void refuse(
      RegionCopy copy, long origin, long sequence, int page, boolean write, Verdict refusal);

  /** Requests that were told LATER may be offered again, once the present call has returned. */
  void roomAgain(RegionCopy copy);

  /**
   * Sends a member the page: its content and version as they are when it is sent, with the copy's
   * epoch and this sequence, which its acknowledgement repeats.
   *
   * @return false when it cannot be sent now; it is offered again by {@link
   *     RegionCopy#onMemberReady}
   */
  boolean replicate(RegionCopy copy, CopyPlace member, long sequence, int page);

  /** Tells the target that it is home from this epoch on. Repeated until it is acknowledged. */
  void handOff(RegionCopy copy, CopyPlace target, long successorEpoch);

  /** Tells the manager that the learner has all pages. Repeated until the configuration changes. */
  void caughtUp(RegionCopy copy, CopyPlace learner);

  /** Tells the manager that this copy is home by a hand-off. Repeated until it is installed. */
  void handedOff(RegionCopy copy);

  /** Tells the manager that a member does not acknowledge. Repeated while it does not. */
  void suspect(RegionCopy copy, CopyPlace member);
}
