package org.splitrack.fabric.memory;

import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;
import org.splitrack.fabric.PageGeometry;

/**
 * The regions of one process by index in its address space: who is home, at which epoch. Written
 * when memory grows or a configuration changes, read by every program thread.
 */
public final class RegionTable {
  /** 2 GiB of addresses. */
  public static final int MAX_REGIONS = (int) ((2L << 30) / PageGeometry.REGION_BYTES);

  private final AtomicReferenceArray<@Nullable RegionGrant> grants =
      new AtomicReferenceArray<>(MAX_REGIONS);

  /** The grant of a region index, or null where nothing has been granted. */
  public @Nullable RegionGrant at(int regionIndex) {
    return grants.getAcquire(regionIndex);
  }

  /** Takes a new or newer grant; one of a lower epoch than the present one is ignored. */
  public synchronized void put(RegionGrant grant) {
    RegionGrant present = grants.get(grant.index());
    if (present == null || present.epoch() <= grant.epoch()) {
      grants.setRelease(grant.index(), grant);
    }
  }
}
