package org.splitrack.bench.internal;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.function.UnaryOperator;
import org.splitrack.fabric.memory.FramePool;
import org.splitrack.fabric.memory.RegionAuthority;
import org.splitrack.fabric.memory.RegionTable;
import org.splitrack.fabric.memory.RemotePages;
import org.splitrack.fabric.transport.Dialer;
import org.splitrack.jobs.internal.pages.MeasuredRegion;

/**
 * One written region on mcomponent-0 of the running rack, used as a pComponent uses its regions.
 */
final class MemoryUnderTest implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final int FRAMES = 64;

  private final InstalledRegion region;
  private final FramePool frames = new FramePool(FRAMES);
  private final LiveThreads threads;
  private final long[] agents;
  private final RemotePages remote;

  /**
   * @param homePid its process on this machine
   * @param copies besides the home; writes wait for all of them
   * @param accessor who reads and writes the pages
   * @param manager who installs the region
   */
  MemoryUnderTest(
      RackPeer home, long homePid, List<RackPeer> copies, Dialer accessor, Dialer manager)
      throws IOException {
    region = new InstalledRegion(home, copies, manager, UnaryOperator.identity());
    RegionTable regions = new RegionTable();
    regions.put(region.config().grant());
    remote =
        new RemotePages(
            accessor, MeasuredRegion.INCARNATION, regions, RegionAuthority.NONE, frames, PATIENCE);
    MeasuredRegion.fill(remote, frames);
    threads = LiveThreads.of(homePid);
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
    region.close();
    threads.close();
    frames.close();
  }
}
