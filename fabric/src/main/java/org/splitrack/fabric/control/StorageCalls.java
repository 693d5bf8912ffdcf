package org.splitrack.fabric.control;

import java.util.List;
import org.splitrack.fabric.BootId;
import org.splitrack.fabric.ComponentId;

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

  /**
   * Takes nothing more from that start of a pComponent, or takes it again: its processes were
   * expelled while nobody could reach it, and it may go on where it stood.
   */
  public record FencePeer(ComponentId component, BootId boot, boolean fenced)
      implements ControlRequest<ControlReply.Done> {}

  /** From which starts of pComponents it takes nothing: a manager knows only its own fences. */
  public record AskFences() implements ControlRequest<Fences> {}

  /** A start of a pComponent of which nothing is taken. */
  public record Fence(ComponentId component, BootId boot) {}

  /** All that are up. */
  public record Fences(List<Fence> fences) implements ControlReply {}

  /** Disk that is left after the call. */
  public record ExtentsChanged(long freeBytes) implements ControlReply {}
}
