package org.splitrack.mcomponent.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.lang.management.BufferPoolMXBean;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.splitrack.fabric.config.ComponentSettings;
import org.splitrack.fabric.control.ControlClient;
import org.splitrack.fabric.memory.FramePool;
import org.splitrack.fabric.memory.PageFetcher;
import org.splitrack.fabric.memory.PageWriter;
import org.splitrack.fabric.memory.RegionAuthority;
import org.splitrack.fabric.memory.RegionTable;
import org.splitrack.fabric.memory.RemotePages;
import org.splitrack.fabric.region.CopyPlace;
import org.splitrack.fabric.region.RegionConfig;
import org.splitrack.fabric.testkit.TestRack;
import org.splitrack.fabric.transport.Connection;
import org.splitrack.fabric.transport.Deadline;
import org.splitrack.fabric.transport.Dialer;
import org.splitrack.fabric.transport.Identity;
import org.splitrack.fabric.transport.Link;
import org.splitrack.fabric.transport.TcpTransport;
import org.splitrack.fabric.wire.Lane;

/**
 * Sends random frames to a whole mComponent on all lanes and in the handshake, while a witness goes
 * on using it. {@code -Dsplitrack.seed=} repeats a run, {@code -Dsplitrack.rounds=} lengthens it.
 */
class RandomFramesTest {
  private static final Duration SOON = Duration.ofSeconds(20);
  private static final Lane[] LANES = {Lane.MISS, Lane.BULK, Lane.REPLICA, Lane.CONTROL};
  private static final long WITNESS_REGION = 0x1234_5678_9abcL;
  private static final long VICTIM_REGION = 0x1234_5678_9abdL;
  private static final int HANGING = 20;
  private static final long MAX_DIRECT_BYTES = 16L << 20;

  private final TcpTransport transport = new TcpTransport();
  private final Identity home = TestRack.identity("mcomponent-0");
  private final Dialer dialer = new Dialer(transport, TestRack.identity("pcomponent-0"));
  private final Dialer copy = new Dialer(transport, TestRack.identity("mcomponent-1"));
  private final ControlClient control =
      new ControlClient(new Dialer(transport, TestRack.identity("global-manager-0")));
  private final FramePool frames = new FramePool(2);
  private final ArrayDeque<Link> hanging = new ArrayDeque<>();
  private final Witness witness = new Witness();
  private StubManager manager;
  private MComponentNode node;

  @BeforeEach
  void start() throws IOException {
    manager = new StubManager(transport);
    node =
        MComponentNode.start(
            ComponentSettings.read(
                Map.of(
                        "splitrack.component",
                        "mcomponent-0",
                        "splitrack.rack-id",
                        TestRack.RACK.toString(),
                        "splitrack.secret-file",
                        "unused",
                        "splitrack.data-dir",
                        "unused",
                        "splitrack.manager",
                        manager.endpoint().toString(),
                        "splitrack.memory-limit",
                        Integer.toString(8 << 20))
                    ::get),
            home,
            transport,
            "127.0.0.1:9");
  }

  @AfterEach
  void stop() {
    hanging.forEach(Link::close);
    control.close();
    node.close();
    manager.close();
    frames.close();
  }

  @Test
  void shouldSurviveRandomFramesAndServeOthersMeanwhile() throws Exception {
    long seed = Long.getLong("splitrack.seed", System.nanoTime());
    int rounds = Integer.getInteger("splitrack.rounds", 1_500);
    System.out.println("RandomFramesTest seed " + seed + ", " + rounds + " rounds");
    Random random = new Random(seed);
    RandomFrames hostile = new RandomFrames(random, home, VICTIM_REGION);
    install(WITNESS_REGION, 0);
    install(VICTIM_REGION, 1);
    RegionTable regions = new RegionTable();
    regions.put(config(WITNESS_REGION, 0).grant());
    RemotePages remote = new RemotePages(dialer, 1, regions, RegionAuthority.NONE, frames, SOON);

    try (PageWriter writer = remote.writer();
        PageFetcher fetcher = remote.fetcher()) {
      for (int round = 1; round <= rounds; round++) {
        if (random.nextInt(6) == 0) {
          greet(hostile, random);
        } else {
          send(hostile, LANES[random.nextInt(LANES.length)], random);
        }
        if (round % 10 == 0) {
          witness.look(writer, fetcher, round);
        }
      }
    }

    assertThat(node.serves()).isTrue();
    install(WITNESS_REGION, 0);
    hanging.forEach(Link::close);
    await().untilAsserted(() -> assertThat(node.registered()).isTrue());
    assertThat(directBytes()).isLessThan(MAX_DIRECT_BYTES);
  }

  private RegionConfig config(long region, int index) {
    return TestRegions.single(
        region, index, new CopyPlace(home.component(), home.boot(), node.endpoint()), 16);
  }

  private void install(long region, int index) {
    control.call(node.endpoint(), TestRegions.install(home.boot(), config(region, index)), SOON);
  }

  private void greet(RandomFrames frames, Random random) throws IOException {
    Link link = transport.dial(node.endpoint(), SOON);
    write(link, frames.greeting());
    leave(link, random);
  }

  private void send(RandomFrames frames, Lane lane, Random random) throws IOException {
    Dialer sender = lane == Lane.REPLICA ? copy : dialer;
    Connection connection = sender.connect(node.endpoint(), lane, SOON);
    ByteBuffer bytes = frames.next(lane);
    int end = bytes.limit();
    while (bytes.position() < end) {
      bytes.limit(Math.min(end, bytes.position() + 1 + random.nextInt(8_000)));
      if (!write(connection.link(), bytes)) {
        break;
      }
    }
    leave(connection.link(), random);
  }

  /** False when the node has closed the link, as it may. */
  private static boolean write(Link link, ByteBuffer bytes) {
    try (Deadline deadline = Deadline.on(link, SOON)) {
      try {
        link.write(bytes);
        return true;
      } catch (IOException e) {
        assertThat(deadline.explain(e, "a write")).isSameAs(e);
        return false;
      }
    }
  }

  /** Hangs up at once, or some time later without ever having read. */
  private void leave(Link link, Random random) {
    if (random.nextBoolean()) {
      link.close();
      return;
    }
    hanging.add(link);
    if (hanging.size() > HANGING) {
      hanging.remove().close();
    }
  }

  private static long directBytes() {
    return ManagementFactory.getPlatformMXBeans(BufferPoolMXBean.class).stream()
        .filter(pool -> pool.getName().equals("direct"))
        .mapToLong(BufferPoolMXBean::getMemoryUsed)
        .sum();
  }

  /** Writes a page and reads it back. */
  private final class Witness implements PageWriter.Completions, PageFetcher.Completions {
    void look(PageWriter writer, PageFetcher fetcher, long value) {
      frames.memory().set(ValueLayout.JAVA_LONG, 0, value);
      assertThat(writer.write(3, 0, value, false)).isTrue();
      writer.flush();
      assertThat(writer.poll(SOON.toNanos(), this)).isEqualTo(1);
      assertThat(fetcher.read(3, 1)).isTrue();
      fetcher.flush();
      assertThat(fetcher.poll(SOON.toNanos(), this)).isEqualTo(1);
      assertThat(frames.memory().get(ValueLayout.JAVA_LONG, 4096)).isEqualTo(value);
    }

    @Override
    public void written(int pageNumber, int frame, long version) {}

    @Override
    public void writeFailed(int pageNumber, int frame, long version) {
      throw new AssertionError("page " + pageNumber + " was not written");
    }

    @Override
    public void fetched(int pageNumber, int frame, long version, boolean zero) {
      assertThat(zero).isFalse();
    }

    @Override
    public void fetchFailed(int pageNumber, int frame) {
      throw new AssertionError("page " + pageNumber + " was not fetched");
    }
  }
}
