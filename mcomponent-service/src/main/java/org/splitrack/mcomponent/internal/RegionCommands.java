package org.splitrack.mcomponent.internal;

import java.util.List;
import org.splitrack.fabric.BootId;
import org.splitrack.fabric.control.ControlFault;
import org.splitrack.fabric.control.ControlReply;
import org.splitrack.fabric.control.ControlServer;
import org.splitrack.fabric.control.MemoryCalls;
import org.splitrack.fabric.control.MemoryCalls.CopyStatus;
import org.splitrack.fabric.control.MemoryCalls.InstallRegions;
import org.splitrack.fabric.control.MemoryCalls.ProbeRegions;
import org.splitrack.fabric.control.MemoryCalls.RegionsInstalled;
import org.splitrack.fabric.control.MemoryCalls.RegionsProbed;
import org.splitrack.fabric.control.MemoryCalls.ReleaseRegions;
import org.splitrack.fabric.control.MemoryCalls.ReserveRegion;
import org.splitrack.mcomponent.internal.page.PageServer;
import org.splitrack.mcomponent.internal.page.RegionCopies;

/** What the global manager asks of an mComponent. */
final class RegionCommands {
  private static final List<CopyStatus> NOTHING = List.of();

  private final PageServer pages;
  private final BootId boot;

  RegionCommands(PageServer pages, BootId boot) {
    this.pages = pages;
    this.boot = boot;
  }

  void register(ControlServer server) {
    server.register(
        InstallRegions.class,
        (install, attachment, peer) -> {
          requireThisStart(install.boot());
          requireSome(install.configs().size());
          return pages.ask(
              copies ->
                  new RegionsInstalled(
                      copies.install(install.term(), install.configs()),
                      copies.store().freePages()));
        });
    server.register(
        ReserveRegion.class,
        (reserve, attachment, peer) -> {
          requireThisStart(reserve.boot());
          return pages.ask(
              copies -> {
                copies.reserve(reserve.term(), reserve.row());
                return new ControlReply.Done();
              });
        });
    server.register(
        ReleaseRegions.class,
        (release, attachment, peer) -> {
          requireThisStart(release.boot());
          requireSome(release.regions().size());
          return pages.ask(
              copies -> {
                copies.release(release.term(), release.regions());
                return new ControlReply.Done();
              });
        });
    server.register(
        ProbeRegions.class,
        (probe, attachment, peer) -> {
          requireThisStart(probe.boot());
          return new RegionsProbed(
              probe.listing() ? pages.ask(RegionCopies::copies) : pages.ask(copies -> NOTHING));
        });
  }

  private void requireThisStart(BootId named) {
    if (!boot.equals(named)) {
      throw new ControlFault(ControlFault.Code.NOT_FOUND, "is boot " + boot + ", not " + named);
    }
  }

  private static void requireSome(int regions) {
    if (regions < 1 || regions > MemoryCalls.MAX_REGIONS) {
      throw new ControlFault(
          ControlFault.Code.BAD_REQUEST,
          regions + " regions in a call; 1 to " + MemoryCalls.MAX_REGIONS + " can be");
    }
  }
}
