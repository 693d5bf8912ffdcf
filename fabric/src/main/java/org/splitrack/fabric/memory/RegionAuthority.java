package org.splitrack.fabric.memory;

import org.splitrack.fabric.RegionId;
import org.splitrack.fabric.region.AccessGrant;

/**
 * Who decides where a process's regions are, as its page path asks. No call waits; what comes of
 * them shows in the {@link RegionTable}.
 */
public interface RegionAuthority {
  /** Nobody: what was granted at first is all there is. */
  RegionAuthority NONE =
      new RegionAuthority() {
        @Override
        public void resolve(RegionId region) {}

        @Override
        public void suspect(AccessGrant grant, boolean unreachable) {}

        @Override
        public void stalled(AccessGrant grant, long stallNs) {}
      };

  /** The home of this region refuses, or cannot be reached: is there another? */
  void resolve(RegionId region);

  /**
   * The home that the grant names does not answer.
   *
   * @param unreachable it cannot be connected to; false: it is only silent
   */
  void suspect(AccessGrant grant, boolean unreachable);

  /**
   * A page request of this region was held up and is answered now.
   *
   * @param stallNs from its begin to its answer
   */
  void stalled(AccessGrant grant, long stallNs);
}
