package org.splitrack.bench.internal;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.splitrack.fabric.BootId;
import org.splitrack.fabric.PageGeometry;
import org.splitrack.fabric.ProcessId;
import org.splitrack.fabric.RegionId;
import org.splitrack.fabric.control.ControlClient;
import org.splitrack.fabric.control.MemoryCalls.InstallRegion;
import org.splitrack.fabric.control.MemoryCalls.RegionRelease;
import org.splitrack.fabric.control.MemoryCalls.ReleaseRegions;
import org.splitrack.fabric.memory.FramePool;
import org.splitrack.fabric.memory.RegionGrant;
import org.splitrack.fabric.memory.RegionTable;
import org.splitrack.fabric.memory.RemotePages;
import org.splitrack.fabric.transport.Dialer;

/**
 * One written region on mcomponent-0 of the running rack, used as a pComponent uses its regions.
 */
final class MemoryUnderTest implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final int FRAMES = 64;

  /** Beyond every number that the manager gives out. */
  private static final RegionId REGION = new RegionId(Long.MAX_VALUE);

  private static final ProcessId PROCESS = new ProcessId(Long.MAX_VALUE);

  private final RackPeer home;
  private final ControlClient control;
  private final FramePool frames = new FramePool(FRAMES);
  private final LiveThreads threads;
  private final long[] agents;
  private final RemotePages remote;

  MemoryUnderTest(RackPeer home, Dialer dialer) throws IOException {
    this.home = home;
    control = new ControlClient(dialer);
    control.call(
        home.endpoint(),
        new InstallRegion(REGION, 1, PROCESS, 1, 0, PageGeometry.REGION_PAGES),
        PATIENCE);
    RegionTable regions = new RegionTable();
    regions.put(
        new RegionGrant(
            REGION,
            0,
            1,
            home.component(),
            home.boot(),
            home.endpoint(),
            PageGeometry.REGION_PAGES));
    remote = new RemotePages(dialer, 1, regions, frames, PATIENCE);
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

  @Override
  public void close() throws IOException {
    control.call(
        home.endpoint(),
        new ReleaseRegions(new BootId(1), 1, List.of(new RegionRelease(REGION, 1))),
        PATIENCE);
    control.close();
    threads.close();
    frames.close();
  }
}
