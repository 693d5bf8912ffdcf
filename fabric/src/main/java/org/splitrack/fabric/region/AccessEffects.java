package org.splitrack.fabric.region;

import org.splitrack.fabric.RegionId;
import org.splitrack.fabric.wire.Status;

/** What a {@link RegionAccess} has its driver do. Nothing may throw. */
public interface AccessEffects {
  /**
   * Sends all requests of the region that have no answer to the home of {@link RegionAccess#grant},
   * each as a new request with a new sequence: answers to the old ones must not be taken.
   */
  void repeat(RegionAccess access);

  /**
   * Asks the manager for the grant as it is now; the answer goes to {@link RegionAccess#onGrant}.
   */
  void resolve(RegionId region);

  /**
   * Tells the manager that the home does not answer.
   *
   * @param unreachable the connection broke or cannot be made; else it is there and silent, which
   *     may be for want of a member
   */
  void suspect(RegionAccess access, boolean unreachable);

  /** A hand-off was learned from the home: other threads of the process may use it too. */
  void adopted(AccessGrant grant);

  /** No request of the region will be answered any more. */
  void failed(RegionAccess access, Status status, String reason);
}
