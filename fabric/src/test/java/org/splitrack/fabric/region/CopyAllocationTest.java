package org.splitrack.fabric.region;

import static org.assertj.core.api.Assertions.assertThat;
import static org.splitrack.fabric.region.Places.A;
import static org.splitrack.fabric.region.Places.B;
import static org.splitrack.fabric.region.Places.first;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import org.junit.jupiter.api.Test;

class CopyAllocationTest {
  private static final int ROUNDS = 20_000;

  /** Pages and messages that take no memory of their own. */
  private static final class QuietDriver implements CopyEffects, PageVersions {
    private final long[] versions = new long[Places.PAGES];
    private long replies;
    private long newestSequence;

    @Override
    public long version(int page) {
      return versions[page];
    }

    @Override
    public int nextVersioned(int fromPage) {
      return -1;
    }

    @Override
    public void store(RegionCopy copy, int page, long version) {
      versions[page] = version;
    }

    @Override
    public void erase(RegionCopy copy) {}

    @Override
    public void replyRead(RegionCopy copy, long origin, long sequence, int page) {
      replies++;
    }

    @Override
    public void replyWrite(RegionCopy copy, long origin, long sequence, int page) {
      replies++;
    }

    @Override
    public void unprotected(RegionCopy copy) {}

    @Override
    public void dropped(RegionCopy copy) {}

    @Override
    public void refuse(
        RegionCopy copy, long origin, long sequence, int page, boolean write, Verdict refusal) {}

    @Override
    public void roomAgain(RegionCopy copy) {}

    @Override
    public boolean replicate(RegionCopy copy, CopyPlace member, long sequence, int page) {
      newestSequence = sequence;
      return true;
    }

    @Override
    public void handOff(RegionCopy copy, CopyPlace target, long successorEpoch) {}

    @Override
    public void caughtUp(RegionCopy copy, CopyPlace learner) {}

    @Override
    public void handedOff(RegionCopy copy) {}

    @Override
    public void suspect(RegionCopy copy, CopyPlace member) {}
  }

  @Test
  void shouldAllocateNothingForReadsWritesAndReplicas() {
    QuietDriver homeDriver = new QuietDriver();
    QuietDriver secondaryDriver = new QuietDriver();
    RegionConfig config = first(AckMode.SAFE, A, B);
    RegionCopy home = new RegionCopy(Places.REGION, A, homeDriver, homeDriver);
    RegionCopy secondary = new RegionCopy(Places.REGION, B, secondaryDriver, secondaryDriver);
    home.onInstall(config, 1);
    secondary.onInstall(config, 1);
    work(home, secondary, homeDriver, 0);

    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long before = threads.getCurrentThreadAllocatedBytes();
    work(home, secondary, homeDriver, ROUNDS);
    long allocated = threads.getCurrentThreadAllocatedBytes() - before;

    assertThat(homeDriver.replies).isEqualTo(4L * ROUNDS);
    // The two readings themselves take some.
    assertThat(allocated).isLessThan(1_024);
  }

  private static void work(RegionCopy home, RegionCopy secondary, QuietDriver driver, int rounds) {
    for (int round = rounds; round < rounds + ROUNDS; round++) {
      int page = round % Places.PAGES;
      home.onWrite(1, round, 1, Places.INCARNATION, page, round + 1);
      home.onRead(1, round, 1, Places.INCARNATION, page);
      secondary.onReplicate(A.boot().value(), 1, page, round + 1);
      home.onReplicaAck(B.boot().value(), 1, driver.newestSequence, round + 1);
      home.onRead(1, round, 1, Places.INCARNATION, page);
      home.onTick();
    }
  }
}
