package org.splitrack.mcomponent.internal;

import java.util.List;
import org.splitrack.fabric.BootId;
import org.splitrack.fabric.ProcessId;
import org.splitrack.fabric.RegionId;
import org.splitrack.fabric.control.MemoryCalls.InstallRegions;
import org.splitrack.fabric.region.AckMode;
import org.splitrack.fabric.region.CopyPlace;
import org.splitrack.fabric.region.RegionConfig;

/** Regions as a manager would have them. */
public final class TestRegions {
  private TestRegions() {}

  /** With one copy, at the first epoch, of incarnation 1. */
  public static RegionConfig single(long region, int index, CopyPlace home, int pages) {
    return first(region, index, pages, AckMode.NONE, home);
  }

  /** At the first epoch, of incarnation 1, home first. */
  public static RegionConfig first(
      long region, int index, int pages, AckMode ack, CopyPlace home, CopyPlace... secondaries) {
    return RegionConfig.first(
        new RegionId(region),
        new ProcessId(9),
        1,
        index,
        1,
        home,
        List.of(secondaries),
        pages,
        ack,
        false);
  }

  /** As a manager of term 1 sends it to that start. */
  public static InstallRegions install(BootId boot, RegionConfig config) {
    return new InstallRegions(boot, 1, List.of(config));
  }
}
