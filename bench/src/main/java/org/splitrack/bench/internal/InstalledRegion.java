package org.splitrack.bench.internal;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.UnaryOperator;
import org.splitrack.fabric.Endpoint;
import org.splitrack.fabric.RegionId;
import org.splitrack.fabric.control.ControlClient;
import org.splitrack.fabric.control.MemoryCalls.InstallRegions;
import org.splitrack.fabric.control.MemoryCalls.RegionRelease;
import org.splitrack.fabric.control.MemoryCalls.ReleaseRegions;
import org.splitrack.fabric.region.InstallAnswer;
import org.splitrack.fabric.region.RegionConfig;
import org.splitrack.fabric.transport.Dialer;
import org.splitrack.jobs.internal.pages.MeasuredRegion;

/** A region of its own on mComponents of the rack under test, until it is closed. */
final class InstalledRegion implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  /** Beyond every number that the manager gives out; one that was released is not used again. */
  private static final AtomicLong NEXT_REGION =
      new AtomicLong(Long.MAX_VALUE - System.currentTimeMillis());

  private final RegionId region = new RegionId(NEXT_REGION.getAndDecrement());
  private final RackPeer home;
  private final List<RackPeer> copies;
  private final RegionConfig config;
  private final ControlClient control;
  private final UnaryOperator<Endpoint> reach;

  /**
   * @param copies besides the home; writes wait for all of them
   * @param manager who installs it
   * @param reach where to dial from here for a component's own address
   */
  InstalledRegion(
      RackPeer home, List<RackPeer> copies, Dialer manager, UnaryOperator<Endpoint> reach)
      throws IOException {
    this.home = home;
    this.copies = List.copyOf(copies);
    this.reach = reach;
    config =
        MeasuredRegion.config(region, home.place(), copies.stream().map(RackPeer::place).toList());
    control = new ControlClient(manager);
    for (RackPeer copy : copies) {
      install(copy);
    }
    install(home);
  }

  RegionConfig config() {
    return config;
  }

  private void install(RackPeer peer) throws IOException {
    InstallAnswer answer =
        control
            .call(
                reach.apply(peer.endpoint()),
                new InstallRegions(peer.boot(), MeasuredRegion.TERM, List.of(config)),
                PATIENCE)
            .answers()
            .getFirst();
    if (answer.kind() != InstallAnswer.Kind.INSTALLED) {
      throw new IOException(peer.component() + " does not take a region: " + answer.kind());
    }
  }

  private void release(RackPeer peer) {
    control.call(
        reach.apply(peer.endpoint()),
        new ReleaseRegions(peer.boot(), MeasuredRegion.TERM, List.of(new RegionRelease(region, 2))),
        PATIENCE);
  }

  @Override
  public void close() {
    release(home);
    copies.forEach(this::release);
    control.close();
  }
}
