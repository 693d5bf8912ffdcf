package org.splitrack.fabric.memory;

import org.splitrack.fabric.BootId;
import org.splitrack.fabric.ComponentId;
import org.splitrack.fabric.Endpoint;
import org.splitrack.fabric.RegionId;
import org.splitrack.fabric.region.AccessGrant;

/**
 * A region as its process knows it.
 *
 * @param index which 16 MiB of the process's address space
 * @param epoch configuration number
 * @param home the mComponent that is primary
 * @param homeBoot the start of that mComponent in which the region is installed
 * @param endpoint where the home listens
 * @param reservedPages pages, from the region's first, that the home has set aside: a write-back of
 *     one of them is never refused
 */
public record RegionGrant(
    RegionId region,
    int index,
    long epoch,
    ComponentId home,
    BootId homeBoot,
    Endpoint endpoint,
    int reservedPages) {
  /** The same, for those who know one home. */
  public static RegionGrant of(AccessGrant grant) {
    return new RegionGrant(
        grant.region(),
        grant.index(),
        grant.epoch(),
        grant.home().component(),
        grant.home().boot(),
        grant.home().endpoint(),
        grant.reservedPages());
  }
}
