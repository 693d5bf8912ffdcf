package org.splitrack.mcomponent.internal;

import org.splitrack.fabric.control.ControlReply;
import org.splitrack.fabric.control.ControlServer;
import org.splitrack.fabric.control.MemoryCalls.InstallRegion;
import org.splitrack.fabric.control.MemoryCalls.ReleaseRegions;
import org.splitrack.mcomponent.internal.page.PageServer;

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
        ReleaseRegions.class,
        (release, attachment, peer) ->
            pages.ask(
                store -> {
                  store.release(release.regions());
                  return new ControlReply.Done();
                }));
  }
}
