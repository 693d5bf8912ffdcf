package org.splitrack.mcomponent.internal.page;

/**
 * What the move of a region took, as its former home counts it.
 *
 * @param pages sent to the new home to make it a copy; 0 when it was one
 * @param rounds times that the region was gone through for that
 * @param pauseUs how long no write-back was taken; 0 when none had to wait
 */
record Move(int pages, int rounds, long pauseUs) {
  /** Of a region whose former home is not known to have said anything. */
  static final Move UNKNOWN = new Move(0, 0, 0);
}
