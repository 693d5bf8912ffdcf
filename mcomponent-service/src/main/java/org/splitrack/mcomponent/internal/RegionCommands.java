package org.splitrack.mcomponent.internal;

import java.util.ArrayList;
import java.util.List;
import org.splitrack.fabric.control.ControlFault;
import org.splitrack.fabric.control.ControlReply;
import org.splitrack.fabric.control.ControlServer;
import org.splitrack.fabric.control.MemoryCalls.InstallRegion;
import org.splitrack.fabric.control.MemoryCalls.InstallRegions;
import org.splitrack.fabric.control.MemoryCalls.RegionRelease;
import org.splitrack.fabric.control.MemoryCalls.RegionsInstalled;
import org.splitrack.fabric.control.MemoryCalls.ReleaseRegions;
import org.splitrack.fabric.region.InstallAnswer;
import org.splitrack.fabric.region.RegionConfig;
import org.splitrack.mcomponent.internal.page.PageServer;
import org.splitrack.mcomponent.internal.store.PageStore;

/** What the global manager asks of an mComponent. */
final class RegionCommands {
  private final PageServer pages;

  RegionCommands(PageServer pages) {
    this.pages = pages;
  }

  void register(ControlServer server) {
    server.register(
        InstallRegion.class,
        (install, attachment, peer) -> pages.ask(store -> store.install(install)));
    server.register(
        InstallRegions.class,
        (install, attachment, peer) -> pages.ask(store -> install(store, install)));
    server.register(
        ReleaseRegions.class,
        (release, attachment, peer) ->
            pages.ask(
                store -> {
                  store.release(release.regions().stream().map(RegionRelease::region).toList());
                  return new ControlReply.Done();
                }));
  }

  private static RegionsInstalled install(PageStore store, InstallRegions install) {
    List<InstallAnswer> answers = new ArrayList<>();
    for (RegionConfig config : install.configs()) {
      InstallAnswer.Kind kind = InstallAnswer.Kind.INSTALLED;
      try {
        store.install(
            new InstallRegion(
                config.region(),
                config.epoch(),
                config.process(),
                config.incarnation(),
                config.index(),
                config.reservedPages()));
      } catch (ControlFault e) {
        kind = InstallAnswer.Kind.FULL;
      }
      answers.add(new InstallAnswer(kind, config));
    }
    return new RegionsInstalled(answers, store.capacityPages() - store.reservedPages());
  }
}
