package org.splitrack.bench.internal;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.splitrack.fabric.PageGeometry;
import org.splitrack.fabric.ProcessId;
import org.splitrack.fabric.RegionId;
import org.splitrack.fabric.control.ControlClient;
import org.splitrack.fabric.control.MemoryCalls.InstallRegions;
import org.splitrack.fabric.control.MemoryCalls.RegionRelease;
import org.splitrack.fabric.control.MemoryCalls.ReleaseRegions;
import org.splitrack.fabric.memory.FramePool;
import org.splitrack.fabric.memory.RegionAuthority;
import org.splitrack.fabric.memory.RegionTable;
import org.splitrack.fabric.memory.RemotePages;
import org.splitrack.fabric.region.AckMode;
import org.splitrack.fabric.region.InstallAnswer;
import org.splitrack.fabric.region.RegionConfig;
import org.splitrack.fabric.transport.Dialer;

/**
 * One written region on mcomponent-0 of the running rack, used as a pComponent uses its regions.
 */
final class MemoryUnderTest implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final int FRAMES = 64;

  /** Beyond every number that the manager gives out; one that was released is not used again. */
  private static final AtomicLong NEXT_REGION =
      new AtomicLong(Long.MAX_VALUE - System.currentTimeMillis());

  /**
   * Above every manager's, so that none takes the region for an ended process's and releases it.
   */
  private static final long TERM = Long.MAX_VALUE;

  private static final ProcessId PROCESS = new ProcessId(Long.MAX_VALUE);

  private final RegionId region = new RegionId(NEXT_REGION.getAndDecrement());
  private final RackPeer home;
  private final List<RackPeer> copies;
  private final ControlClient control;
  private final FramePool frames = new FramePool(FRAMES);
  private final LiveThreads threads;
  private final long[] agents;
  private final RemotePages remote;

  /**
   * @param copies besides the home; writes wait for all of them
   * @param accessor who reads and writes the pages
   * @param manager who installs the region
   */
  MemoryUnderTest(RackPeer home, List<RackPeer> copies, Dialer accessor, Dialer manager)
      throws IOException {
    this.home = home;
    this.copies = List.copyOf(copies);
    control = new ControlClient(manager);
    RegionConfig config =
        RegionConfig.first(
            region,
            PROCESS,
            1,
            0,
            TERM,
            home.place(),
            copies.stream().map(RackPeer::place).toList(),
            PageGeometry.REGION_PAGES,
            copies.isEmpty() ? AckMode.NONE : AckMode.SAFE,
            false);
    for (RackPeer copy : copies) {
      install(copy, config);
    }
    install(home, config);
    RegionTable regions = new RegionTable();
    regions.put(config.grant());
    remote = new RemotePages(accessor, 1, regions, RegionAuthority.NONE, frames, PATIENCE);
    MissMeasurement.fill(remote, frames);
    threads = LiveThreads.of(home.pid());
    agents = threads.named("page-agent");
  }

  RemotePages pages() {
    return remote;
  }

  /** What the page agent has allocated since it started. */
  long agentAllocatedBytes() {
    return threads.allocatedBytes(agents);
  }

  private void install(RackPeer peer, RegionConfig config) throws IOException {
    InstallAnswer answer =
        control
            .call(peer.endpoint(), new InstallRegions(peer.boot(), TERM, List.of(config)), PATIENCE)
            .answers()
            .getFirst();
    if (answer.kind() != InstallAnswer.Kind.INSTALLED) {
      throw new IOException(peer.component() + " does not take a region: " + answer.kind());
    }
  }

  private void release(RackPeer peer) {
    control.call(
        peer.endpoint(),
        new ReleaseRegions(peer.boot(), TERM, List.of(new RegionRelease(region, 2))),
        PATIENCE);
  }

  @Override
  public void close() throws IOException {
    release(home);
    copies.forEach(this::release);
    control.close();
    threads.close();
    frames.close();
  }
}
