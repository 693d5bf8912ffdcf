package org.splitrack.fabric.control;

import java.util.List;
import org.splitrack.fabric.BootId;
import org.splitrack.fabric.ProcessId;
import org.splitrack.fabric.RegionId;
import org.splitrack.fabric.region.AccessGrant;
import org.splitrack.fabric.region.CopyPlace;
import org.splitrack.fabric.region.InstallAnswer;
import org.splitrack.fabric.region.RegionConfig;

/**
 * Calls about regions, between pComponents, the global manager and mComponents. All are harmless
 * when repeated. One that names the receiver's boot id is refused with NOT_FOUND by another start.
 */
public final class MemoryCalls {
  /** Regions in one call to an mComponent. */
  public static final int MAX_REGIONS = 256;

  private MemoryCalls() {}

  // ---- manager to mComponent ----

  /**
   * INSTALL: from now on these are the configurations. A copy that has taken an epoch refuses
   * everything of lower ones: that seals it. A region of the first epoch that is not held yet is
   * reserved, with zeros in all its pages.
   *
   * @param term of the manager that sends it
   * @param configs 1 to {@value #MAX_REGIONS}
   */
  public record InstallRegions(BootId boot, long term, List<RegionConfig> configs)
      implements ControlRequest<RegionsInstalled> {}

  /**
   * How each was taken, in the order of the call.
   *
   * @param freePages left for reservation after this
   */
  public record RegionsInstalled(List<InstallAnswer> answers, long freePages)
      implements ControlReply {}

  /**
   * Set the pages of a copy aside that is to be made of this row; refused with FULL. Given back by
   * {@link ReleaseRegions}, unless a configuration that has the receiver in it is installed.
   */
  public record ReserveRegion(BootId boot, long term, RegionConfig row)
      implements ControlRequest<ControlReply.Done> {}

  /**
   * What is held? Also the question whether that start lives.
   *
   * @param listing false: only whether it lives
   */
  public record ProbeRegions(BootId boot, boolean listing)
      implements ControlRequest<RegionsProbed> {}

  /** All that is held, or set aside for a copy; empty when that was not asked for. */
  public record RegionsProbed(List<CopyStatus> copies) implements ControlReply {}

  /**
   * A copy as its holder knows it.
   *
   * @param epoch of its configuration, or of the row that it was set aside for
   */
  public record CopyStatus(RegionId region, long epoch) {}

  /**
   * These regions have no copy here, in a row of that epoch: forget it; its pages are zeroed before
   * any other use. A copy of a higher epoch stays.
   *
   * @param term of the manager that sends it
   * @param regions 1 to {@value #MAX_REGIONS}
   */
  public record ReleaseRegions(BootId boot, long term, List<RegionRelease> regions)
      implements ControlRequest<ControlReply.Done> {}

  /** Release unless the copy has come back at a higher epoch. */
  public record RegionRelease(RegionId region, long upToEpoch) {}

  // ---- mComponent to manager ----

  /**
   * Home of a region: the learner of this epoch has all pages. Repeated until the configuration
   * changes.
   */
  public record CaughtUp(RegionId region, long epoch, CopyPlace learner)
      implements ControlRequest<ControlReply.Done> {}

  /**
   * Target of a migration: it is home, by hand-off. Repeated until that configuration, or a later
   * one, is installed.
   *
   * @param config the successor configuration that it serves
   * @param bytes of the pages that the former home sent it to make it a copy; 0 when it was one
   * @param rounds times that the former home went through the region for that
   * @param pauseUs how long no write was answered; 0 when none had to wait
   */
  public record HandedOff(RegionConfig config, long bytes, int rounds, long pauseUs)
      implements ControlRequest<ControlReply.Done> {}

  /**
   * Home of a region: that copy does not acknowledge. Raises suspicion; where the complaints go on
   * although the other answers the manager, the copy is given up. Repeated while it is so.
   */
  public record SuspectMember(RegionId region, long epoch, CopyPlace member)
      implements ControlRequest<ControlReply.Done> {}

  // ---- pComponent to manager ----

  /**
   * Reserve the pages {@code [fromPage, toPageExclusive)} of the address space, all or none.
   * Regions that are new are placed and installed; partly reserved ones grow. Repeating it changes
   * nothing.
   */
  public record GrowMemory(ProcessId process, int incarnation, int fromPage, int toPageExclusive)
      implements ControlRequest<Grown> {}

  /** The grants of all regions that the call is about. Growth is refused with FULL. */
  public record Grown(List<AccessGrant> grants) implements ControlReply {}

  /**
   * The present grants of these regions, as decided so far. For an accessor whose home is silent or
   * refuses it; repeated while nothing newer comes. DENIED: that incarnation is expelled.
   */
  public record ResolveRegions(ProcessId process, int incarnation, List<RegionId> regions)
      implements ControlRequest<Grown> {}

  /**
   * The home of a region does not answer. Raises suspicion; where the complaints go on although it
   * answers the manager, the region gets another home. Repeated while it is so.
   *
   * @param unreachable it cannot be connected to; false: it is only silent
   */
  public record SuspectHome(RegionId region, long epoch, CopyPlace home, boolean unreachable)
      implements ControlRequest<ControlReply.Done> {}

  /**
   * Page requests of these regions were held up and are answered now. Told once: a figure, nothing
   * rests on it.
   */
  public record StalledAccess(ProcessId process, List<Stall> stalls)
      implements ControlRequest<ControlReply.Done> {}

  /**
   * The longest of a region.
   *
   * @param stallUs from a request's begin to its answer
   */
  public record Stall(RegionId region, long stallUs) {}

  // ---- manager to pComponent ----

  /** Newer grants; one that does not supersede is ignored. NOT_FOUND: it does not run here. */
  public record UpdateGrants(ProcessId process, int incarnation, List<AccessGrant> grants)
      implements ControlRequest<ControlReply.Done> {}
}
