package org.splitrack.fabric.control;

import java.util.List;
import org.splitrack.fabric.ProcessId;
import org.splitrack.fabric.RegionId;
import org.splitrack.fabric.memory.RegionGrant;

/** Calls about regions, between pComponents, the global manager and mComponents. */
public final class MemoryCalls {
  private MemoryCalls() {}

  /**
   * pComponent to manager: reserve the pages {@code [fromPage, toPageExclusive)} of the address
   * space, all or none. Regions that are new are placed and installed; partly reserved ones grow.
   * Repeating it changes nothing.
   */
  public record GrowMemory(ProcessId process, int incarnation, int fromPage, int toPageExclusive)
      implements ControlRequest<Grown> {}

  /** The grants of all regions that the range touches. Refused with FULL. */
  public record Grown(List<RegionGrant> grants) implements ControlReply {}

  /**
   * Manager to mComponent: hold this region from now on; all its pages are zeros. Repeating it
   * raises the reservation to {@code reservedPages}, never lowers it. Refused with FULL.
   */
  public record InstallRegion(
      RegionId region, long epoch, ProcessId process, int incarnation, int index, int reservedPages)
      implements ControlRequest<Installed> {}

  /**
   * The region is held.
   *
   * @param freePages left for reservation after this
   */
  public record Installed(long freePages) implements ControlReply {}

  /** Manager to mComponent: forget these regions; their pages are zeroed before any other use. */
  public record ReleaseRegions(List<RegionId> regions)
      implements ControlRequest<ControlReply.Done> {}
}
