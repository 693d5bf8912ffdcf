package org.splitrack.fabric.control;

import java.util.List;

/** Calls of the global manager to an sComponent. Reads and writes go over the storage lane. */
public final class StorageCalls {
  /** Extents that one call names at most. */
  public static final int MAX_EXTENTS = 1024;

  private StorageCalls() {}

  /**
   * Makes empty extents; one that is there stays as it is. Refused with FULL. Only an extent that
   * was made can be written, so a late write cannot bring a deleted one back.
   */
  public record CreateExtents(List<Long> extents) implements ControlRequest<ExtentsChanged> {}

  /** Removes extents and their bytes; one that is not there is no error. */
  public record DeleteExtents(List<Long> extents) implements ControlRequest<ExtentsChanged> {}

  /** Forgets what an extent holds from byte {@code bytes} on; zeros are read there. */
  public record TrimExtent(long extent, long bytes) implements ControlRequest<ExtentsChanged> {}

  /** Disk that is left after the call. */
  public record ExtentsChanged(long freeBytes) implements ControlReply {}
}
