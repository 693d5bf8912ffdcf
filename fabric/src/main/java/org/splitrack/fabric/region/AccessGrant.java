package org.splitrack.fabric.region;

import com.fasterxml.jackson.annotation.JsonIgnore;
import org.jspecify.annotations.Nullable;
import org.splitrack.fabric.RegionId;

/**
 * A region as the process that uses it knows it.
 *
 * @param index which 16 MiB of the process's address space
 * @param epoch configuration number; goes into every request
 * @param homeSince the epoch at which this home took over: answers to requests of lower epochs are
 *     another home's
 * @param successor who takes over when the home says that it has moved, at {@code epoch + 1}; null
 *     while no migration is under way
 * @param reservedPages pages, from the region's first, whose write-backs are never refused
 * @param copies that have a write-back when it is acknowledged, the home's among them
 * @param lost no copy is left
 */
public record AccessGrant(
    RegionId region,
    int index,
    long epoch,
    long homeSince,
    CopyPlace home,
    @Nullable CopyPlace successor,
    int reservedPages,
    int copies,
    boolean lost) {

  /** Whether to take this instead of {@code present}. */
  public boolean supersedes(AccessGrant present) {
    return epoch > present.epoch
        || (epoch == present.epoch && reservedPages > present.reservedPages);
  }

  /**
   * The grant after the home has said that it has moved.
   *
   * @throws IllegalStateException when there is no successor
   */
  @JsonIgnore
  public AccessGrant moved() {
    if (successor == null) {
      throw new IllegalStateException("region " + region + " has no successor");
    }
    return new AccessGrant(
        region, index, epoch + 1, epoch + 1, successor, null, reservedPages, copies, false);
  }
}
