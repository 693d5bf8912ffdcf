package org.splitrack.fabric.memory;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;
import org.splitrack.fabric.PageGeometry;
import org.splitrack.fabric.region.AccessGrant;

/**
 * The regions of one process by index in its address space: who is home, at which epoch. Written
 * when memory grows or a configuration changes, read by every program thread.
 */
public final class RegionTable {
  /** 2 GiB of addresses. */
  public static final int MAX_REGIONS = (int) ((2L << 30) / PageGeometry.REGION_BYTES);

  private final AtomicReferenceArray<@Nullable AccessGrant> grants =
      new AtomicReferenceArray<>(MAX_REGIONS);
  private final List<Runnable> watchers = new CopyOnWriteArrayList<>();

  /** The grant of a region index, or null where nothing has been granted. */
  public @Nullable AccessGrant at(int regionIndex) {
    return grants.getAcquire(regionIndex);
  }

  /** Takes a new grant, or one that supersedes the present one; others are ignored. */
  public void put(AccessGrant grant) {
    if (replace(grant)) {
      watchers.forEach(Runnable::run);
    }
  }

  /** Has {@code watcher} run, on the thread that brings it, after each newer grant. */
  void watch(Runnable watcher) {
    watchers.add(watcher);
  }

  void unwatch(Runnable watcher) {
    watchers.remove(watcher);
  }

  private synchronized boolean replace(AccessGrant grant) {
    AccessGrant present = grants.get(grant.index());
    boolean newer = present == null || grant.supersedes(present);
    if (newer) {
      grants.setRelease(grant.index(), grant);
    }
    return newer;
  }
}
