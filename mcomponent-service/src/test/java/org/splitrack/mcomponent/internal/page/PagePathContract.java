package org.splitrack.mcomponent.internal.page;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.splitrack.fabric.PageGeometry;
import org.splitrack.fabric.ProcessId;
import org.splitrack.fabric.RegionId;
import org.splitrack.fabric.Role;
import org.splitrack.fabric.control.MemoryCalls.RegionRelease;
import org.splitrack.fabric.memory.FramePool;
import org.splitrack.fabric.memory.MemoryFault;
import org.splitrack.fabric.memory.PageFetcher;
import org.splitrack.fabric.memory.PageWriter;
import org.splitrack.fabric.memory.RegionAuthority;
import org.splitrack.fabric.memory.RegionTable;
import org.splitrack.fabric.memory.RemotePages;
import org.splitrack.fabric.region.AccessGrant;
import org.splitrack.fabric.region.AckMode;
import org.splitrack.fabric.region.CopyPlace;
import org.splitrack.fabric.region.InstallAnswer;
import org.splitrack.fabric.region.RegionConfig;
import org.splitrack.fabric.testkit.TestRack;
import org.splitrack.fabric.transport.Connection;
import org.splitrack.fabric.transport.Dialer;
import org.splitrack.fabric.transport.FabricServer;
import org.splitrack.fabric.transport.Identity;
import org.splitrack.fabric.transport.Transport;
import org.splitrack.fabric.wire.FrameFault;
import org.splitrack.fabric.wire.FrameHeader;
import org.splitrack.fabric.wire.Lane;
import org.splitrack.fabric.wire.MessageType;
import org.splitrack.fabric.wire.Status;
import org.splitrack.mcomponent.internal.TestRegions;
import org.splitrack.mcomponent.internal.store.PageStore;

/** What holds for page reads and write-backs over any transport. */
abstract class PagePathContract {
  private static final long LONG_NS = 10_000_000_000L;
  private static final int CAPACITY_PAGES = 20_000;
  private static final int FRAMES = 256;

  private final Transport transport = transport(Role.MCOMPONENT);
  private final Identity home = TestRack.identity("mcomponent-0");
  private final Dialer dialer =
      new Dialer(transport(Role.PCOMPONENT), TestRack.identity("pcomponent-0"));
  private final RegionTable regions = new RegionTable();
  private final FramePool frames = new FramePool(FRAMES);
  private final Told told = new Told();
  private PageServer pages;
  private FabricServer server;
  private RemotePages remote;

  /** What components of that role reach the others over. */
  abstract Transport transport(Role role);

  @BeforeEach
  void start() throws IOException {
    pages =
        PageServer.start(new Dialer(transport, home), new PageStore(CAPACITY_PAGES), news -> {});
    server = TestRack.server(transport, home, pages.lanes());
    remote = remote(Duration.ofSeconds(5));
  }

  @AfterEach
  void stop() {
    server.close();
    pages.close();
    frames.close();
  }

  @Test
  void shouldReadAPageThatWasNeverWrittenAsZeros() {
    grant(0, 100);
    fill(3, 0x55);
    try (PageFetcher fetcher = remote.fetcher()) {
      fetcher.read(99, 3);
      fetcher.flush();
      drain(fetcher);

      assertThat(told.lines).containsExactly("fetched 99 into 3 version 0 zero");
      assertThat(word(3)).isZero();
      assertThat(pages.counters().zeroReads()).isEqualTo(1);
    }
  }

  @Test
  void shouldReadWhatWasWrittenBack() {
    grant(0, 100);
    fill(7, 0x1234);
    try (PageWriter writer = remote.writer();
        PageFetcher fetcher = remote.fetcher()) {
      writer.write(42, 7, 5, false);
      writer.flush();
      drain(writer);
      fetcher.read(42, 8);
      fetcher.flush();
      drain(fetcher);

      assertThat(told.lines)
          .containsExactly("written 42 from 7 version 5", "fetched 42 into 8 version 5");
      assertThat(word(8)).isEqualTo(0x1234);
    }
  }

  @Test
  void shouldAcknowledgeAndIgnoreALowerVersion() {
    grant(0, 10);
    try (PageWriter writer = remote.writer();
        PageFetcher fetcher = remote.fetcher()) {
      fill(1, 100);
      writer.write(4, 1, 9, false);
      writer.flush();
      drain(writer);
      fill(1, 200);
      writer.write(4, 1, 8, false);
      writer.write(4, 1, 7, true);
      writer.flush();
      drain(writer);
      fetcher.read(4, 2);
      fetcher.flush();
      drain(fetcher);

      assertThat(told.lines)
          .containsExactly(
              "written 4 from 1 version 9",
              "written 4 from 1 version 8",
              "written 4 from 1 version 7",
              "fetched 4 into 2 version 9");
      assertThat(word(2)).isEqualTo(100);
      assertThat(pages.counters().ignoredWrites()).isEqualTo(2);
    }
  }

  @Test
  void shouldCarryAPageOfZerosAsAFlag() {
    grant(0, 10);
    fill(1, 100);
    try (PageWriter writer = remote.writer();
        PageFetcher fetcher = remote.fetcher()) {
      writer.write(4, 1, 1, false);
      writer.write(4, 1, 2, true);
      writer.flush();
      drain(writer);
      fetcher.read(4, 2);
      fetcher.flush();
      drain(fetcher);

      assertThat(told.lines).last().isEqualTo("fetched 4 into 2 version 2 zero");
      assertThat(pages.<Integer>ask(copies -> copies.store().usedFrames())).isZero();
    }
  }

  @Test
  void shouldAnswerPipelinedReadsInOrder() {
    grant(0, 100);
    writeAll(IntStream.range(0, 100));
    try (PageFetcher fetcher = remote.fetcher()) {
      for (int i = 0; i < RemotePages.MAX_IN_FLIGHT; i++) {
        assertThat(fetcher.read(99 - i, i)).isTrue();
      }
      assertThat(fetcher.read(0, 200)).isFalse();
      assertThat(fetcher.inFlight()).isEqualTo(RemotePages.MAX_IN_FLIGHT);
      fetcher.flush();
      drain(fetcher);

      assertThat(told.lines)
          .containsExactlyElementsOf(
              IntStream.range(0, RemotePages.MAX_IN_FLIGHT)
                  .mapToObj(i -> "fetched " + (99 - i) + " into " + i + " version 1")
                  .toList());
      for (int i = 0; i < RemotePages.MAX_IN_FLIGHT; i++) {
        assertThat(word(i)).isEqualTo(99 - i);
      }
    }
  }

  @Test
  void shouldSendNothingBeforeTheFlush() {
    grant(0, 10);
    try (PageFetcher fetcher = remote.fetcher()) {
      fetcher.read(1, 1);
      fetcher.flush();
      drain(fetcher);
      fetcher.read(1, 1);
      assertThat(pages.counters().reads()).isEqualTo(1);

      fetcher.flush();
      drain(fetcher);

      assertThat(pages.counters().reads()).isEqualTo(2);
    }
  }

  @Test
  void shouldAgreeWithAModelUnderRandomReadsAndWrites() {
    long seed = Long.getLong("splitrack.seed", System.nanoTime());
    System.out.println(getClass().getSimpleName() + " seed " + seed);
    Random random = new Random(seed);
    grant(0, 4096);
    grant(1, 300);
    grant(5, 4096);
    int[] pool = IntStream.range(0, 40).map(i -> pick(random)).toArray();
    Map<Integer, long[]> model = new HashMap<>();
    try (PageWriter writer = remote.writer();
        PageFetcher fetcher = remote.fetcher()) {
      for (int round = 0; round < 300; round++) {
        int writes = random.nextInt(30);
        for (int i = 0; i < writes; i++) {
          int page = pool[random.nextInt(pool.length)];
          long version = 1L + random.nextInt(round + 1);
          boolean zero = random.nextInt(4) == 0;
          fill(i, zero ? 0 : random.nextInt());
          assertThat(writer.write(page, i, version, zero)).isTrue();
          if (version > model.getOrDefault(page, new long[2])[0]) {
            model.put(page, new long[] {version, word(i)});
          }
        }
        writer.flush();
        drain(writer);
        told.lines.clear();
        int reads = random.nextInt(60);
        int[] asked = new int[reads];
        for (int i = 0; i < reads; i++) {
          asked[i] = pool[random.nextInt(pool.length)];
          assertThat(fetcher.read(asked[i], 100 + i)).isTrue();
        }
        fetcher.flush();
        drain(fetcher);
        assertThat(told.lines).hasSize(reads);
        for (int i = 0; i < reads; i++) {
          assertThat(word(100 + i)).isEqualTo(model.getOrDefault(asked[i], new long[2])[1]);
        }
      }
    }
  }

  @Test
  void shouldRefuseAPageBeyondTheReservation() {
    grant(0, 100);

    assertThat(refusal(100)).isEqualTo(Status.BAD_REQUEST);
    assertThat(told.lines).containsExactly("fetch of 100 into 1 failed");
  }

  @Test
  void shouldRefuseARegionThatIsNotInstalledRatherThanInventZeros() throws IOException {
    assertThat(answer(b -> FrameHeader.subject(b, 0, 77))).isEqualTo(Status.NOT_HOLDER);
  }

  @Test
  void shouldRefuseARegionThatWasReleased() throws IOException {
    grant(0, 100);
    writeAll(IntStream.range(0, 10));
    pages.ask(
        copies -> {
          copies.release(1, List.of(new RegionRelease(new RegionId(1), 2)));
          return true;
        });

    assertThat(answer(b -> {})).isEqualTo(Status.NOT_HOLDER);
  }

  @Test
  void shouldServeTheEpochsSinceItTookOverAndRefuseOthers() throws IOException {
    RegionConfig first = TestRegions.single(1, 0, place(server), 10);
    install(first);
    install(first.keeping(List.of(), 1));

    assertThat(answer(b -> FrameHeader.epoch(b, 0, 1))).isEqualTo(Status.OK);
    assertThat(answer(b -> FrameHeader.epoch(b, 0, 2))).isEqualTo(Status.OK);
    assertThat(answer(b -> FrameHeader.epoch(b, 0, 3))).isEqualTo(Status.NOT_HOLDER);
    assertThat(answer(b -> FrameHeader.epoch(b, 0, 0))).isEqualTo(Status.STALE_EPOCH);
  }

  @Test
  void shouldRefuseAnExpelledIncarnation() {
    RegionConfig second =
        RegionConfig.first(
            new RegionId(1),
            new ProcessId(9),
            2,
            0,
            1,
            place(server),
            List.of(),
            10,
            AckMode.NONE,
            false);
    install(second);
    regions.put(second.grant());

    assertThat(refusal(5)).isEqualTo(Status.EXPELLED);
  }

  @Test
  void shouldRefuseAnotherBootOfTheHome() throws IOException {
    grant(0, 10);

    assertThat(answer(b -> FrameHeader.bootId(b, 0, 4711))).isEqualTo(Status.STALE_BOOT);
  }

  @Test
  void shouldRefuseAPageThatWasNeverGranted() {
    assertThat(refusal(5)).isEqualTo(Status.NOT_HOLDER);
  }

  @Test
  void shouldRefuseAWriteBackWithoutAVersion() {
    grant(0, 10);
    try (PageWriter writer = remote.writer()) {
      writer.write(1, 1, 0, false);
      writer.flush();

      assertThatThrownBy(() -> drain(writer)).isInstanceOf(MemoryFault.class);
      assertThat(told.lines).containsExactly("write of 1 from 1 version 0 failed");
    }
  }

  @Test
  void shouldFailAllReadsOfARegionThatHasNoHomeForTooLong() {
    grant(0, 100);
    RemotePages impatient = remote(Duration.ofMillis(300));
    try (PageFetcher fetcher = impatient.fetcher()) {
      fetcher.read(1, 1);
      fetcher.flush();
      drain(fetcher);
      told.lines.clear();
      fetcher.read(2, 2);
      fetcher.read(3, 3);
      server.close();
      fetcher.flush();

      assertThatThrownBy(() -> drain(fetcher))
          .isInstanceOf(MemoryFault.class)
          .hasMessageContaining("region 1 gave no answer for 300 ms: mcomponent-0 is unreachable")
          .hasMessageNotContaining("\n");
      assertThat(told.lines)
          .containsExactly("fetch of 2 into 2 failed", "fetch of 3 into 3 failed");
      assertThat(fetcher.inFlight()).isZero();
      assertThatThrownBy(() -> fetcher.read(2, 2)).isInstanceOf(MemoryFault.class);
    }
  }

  @Test
  void shouldRepeatToTheNextHomeWhatTheLastOneLeftUnanswered() throws IOException {
    grant(0, 4096);
    Identity other = TestRack.identity("mcomponent-1");
    PageServer otherPages =
        PageServer.start(new Dialer(transport, other), new PageStore(CAPACITY_PAGES), news -> {});
    List<AccessGrant> suspected = new CopyOnWriteArrayList<>();
    try (PageServer closing = otherPages;
        FabricServer otherServer = TestRack.server(transport, other, otherPages.lanes())) {
      CopyPlace next = new CopyPlace(other.component(), other.boot(), otherServer.endpoint());
      RegionConfig config = TestRegions.first(1, 0, 4096, AckMode.SAFE, place(server), next);
      otherPages.ask(copies -> copies.install(1, List.of(config)));
      RegionConfig promoted = config.rehomed(next, List.of(), 1);
      RegionAuthority authority =
          new RegionAuthority() {
            @Override
            public void resolve(RegionId region) {}

            @Override
            public void stalled(AccessGrant grant, long stallNs) {}

            @Override
            public void suspect(AccessGrant grant, boolean unreachable) {
              suspected.add(grant);
              closing.ask(copies -> copies.install(1, List.of(promoted)));
              regions.put(promoted.grant());
            }
          };
      RemotePages lasting =
          new RemotePages(dialer, 1, regions, authority, frames, Duration.ofSeconds(30));
      try (PageWriter writer = lasting.writer();
          PageFetcher fetcher = lasting.fetcher()) {
        fill(1, 100);
        writer.write(1, 1, 1, false);
        writer.flush();
        drain(writer);
        server.close();
        for (int page = 1; page <= 40; page++) {
          fill(page, 200 + page);
          assertThat(writer.write(page, page, 2, false)).isTrue();
        }
        writer.flush();
        drain(writer);
        for (int page = 1; page <= 40; page++) {
          fetcher.read(page, 100 + page);
        }
        fetcher.flush();
        drain(fetcher);

        for (int page = 1; page <= 40; page++) {
          assertThat(word(100 + page)).isEqualTo(200 + page);
        }
        assertThat(suspected)
            .isNotEmpty()
            .allMatch(grant -> grant.home().equals(config.home()) && grant.epoch() == 1);
        assertThat(closing.counters().writes()).isEqualTo(40);
      }
    }
  }

  @Test
  void shouldGiveUpOnAHomeThatIsSilent() throws IOException {
    List<Connection> kept = new ArrayList<>();
    try (FabricServer silent =
        TestRack.server(transport, home, Map.of(Lane.MISS, kept::add, Lane.BULK, kept::add))) {
      regions.put(TestRegions.single(1, 0, place(silent), 4096).grant());
      RemotePages impatient = remote(Duration.ofMillis(150));
      try (PageFetcher fetcher = impatient.fetcher()) {
        fetcher.read(1, 1);
        fetcher.flush();

        assertThatThrownBy(() -> drain(fetcher))
            .isInstanceOf(MemoryFault.class)
            .hasMessageContaining("gave no answer for 150 ms: mcomponent-0 is silent");
      }
      try (PageWriter writer = impatient.writer()) {
        int written = 0;
        while (writer.write(written, 1, 1, false)) {
          written++;
        }
        assertThat(written).isEqualTo(RemotePages.MAX_IN_FLIGHT);
        writer.flush();

        assertThatThrownBy(() -> drain(writer)).isInstanceOf(MemoryFault.class);
        assertThat(told.lines).hasSize(1 + written);
      }
    }
  }

  @Test
  void shouldServeSeveralThreadsAtOnce() throws Exception {
    grant(0, 4096);
    writeAll(IntStream.range(0, 4096));
    List<CompletableFuture<Void>> threads = new ArrayList<>();
    for (int t = 0; t < 6; t++) {
      int thread = t;
      CompletableFuture<Void> done = new CompletableFuture<>();
      threads.add(done);
      Thread.ofPlatform()
          .start(
              () -> {
                try {
                  readMany(thread);
                  done.complete(null);
                } catch (Throwable e) {
                  done.completeExceptionally(e);
                }
              });
    }
    CompletableFuture.allOf(threads.toArray(CompletableFuture[]::new)).get();
  }

  @Test
  void shouldNotLetAPeerThatDoesNotReadTakeMemoryOrHoldUpOthers() throws Exception {
    grant(0, 4096);
    writeAll(IntStream.range(0, 1024));
    try (Connection greedy = dialer.connect(server.endpoint(), Lane.MISS, Duration.ofSeconds(5));
        PageFetcher fetcher = remote.fetcher()) {
      greedy.link().blocking(false);
      int asked = 0;
      ByteBuffer request = request(b -> {});
      // Until neither side's buffers take any more: the server has stopped reading.
      for (int idle = 0; idle < 2_000; idle++) {
        FrameHeader.page(request, 0, asked % 1024);
        FrameHeader.sequence(request, 0, asked);
        if (request.remaining() == 0) {
          request.clear();
        }
        int took = greedy.link().write(request);
        if (took > 0) {
          idle = 0;
        }
        if (request.remaining() == 0) {
          asked++;
        } else {
          Thread.onSpinWait();
        }
        assertThat(asked).isLessThan(2_000_000);
      }
      long served = pages.counters().reads();
      assertThat(served).isLessThan(asked);

      for (int i = 0; i < 100; i++) {
        fetcher.read(i, 1);
        fetcher.flush();
        drain(fetcher);
        assertThat(word(1)).isEqualTo(i);
      }

      ByteBuffer reply =
          ByteBuffer.allocateDirect(PageExchange.FRAME_BYTES).order(ByteOrder.LITTLE_ENDIAN);
      greedy.link().blocking(true);
      for (int i = 0; i < asked; i++) {
        reply.clear();
        while (reply.hasRemaining()) {
          assertThat(greedy.link().read(reply)).isPositive();
        }
        assertThat(FrameHeader.sequence(reply, 0)).isEqualTo(i);
        assertThat(reply.getLong(FrameHeader.BYTES)).isEqualTo(i % 1024);
      }
    }
  }

  @Test
  void shouldCloseOnAFrameThatIsTooLongOrOfAnUnknownTypeOrOfAnotherRack() throws IOException {
    grant(0, 10);
    assertClosed(FrameFault.Reason.TOO_LONG, b -> FrameHeader.bodyLength(b, 0, 1));
    assertClosed(FrameFault.Reason.TOO_LONG, b -> FrameHeader.bodyLength(b, 0, -1));
    assertClosed(FrameFault.Reason.TOO_LONG, b -> FrameHeader.bodyLength(b, 0, 1 << 30));
    assertClosed(FrameFault.Reason.UNKNOWN_TYPE, b -> b.put(5, MessageType.WRITE_PAGE));
    assertClosed(FrameFault.Reason.UNKNOWN_TYPE, b -> b.put(5, (byte) 0x7f));
    assertClosed(FrameFault.Reason.OTHER_VERSION, b -> b.put(4, (byte) 9));
    assertClosed(FrameFault.Reason.OTHER_RACK, b -> b.putLong(8, 1));

    try (PageFetcher fetcher = remote.fetcher()) {
      fetcher.read(1, 1);
      fetcher.flush();
      assertThat(drain(fetcher)).isEqualTo(1);
    }
  }

  @Test
  void shouldCountAFrameThatEndsEarly() throws IOException {
    try (Connection raw = dialer.connect(server.endpoint(), Lane.MISS, Duration.ofSeconds(5))) {
      raw.link().write(request(b -> {}).limit(40));
    }

    await()
        .untilAsserted(
            () -> assertThat(pages.counters().faults(FrameFault.Reason.TRUNCATED)).isEqualTo(1));
    await().untilAsserted(() -> assertThat(pages.counters().connections()).isZero());
  }

  @Test
  void shouldAnswerARequestThatComesInPieces() throws IOException {
    grant(0, 10);
    try (Connection raw = dialer.connect(server.endpoint(), Lane.MISS, Duration.ofSeconds(5))) {
      ByteBuffer request = request(b -> FrameHeader.sequence(b, 0, 4711));
      for (int i = 0; i < FrameHeader.BYTES; i++) {
        raw.link().write(request.limit(i + 1));
      }
      ByteBuffer reply =
          ByteBuffer.allocateDirect(FrameHeader.BYTES).order(ByteOrder.LITTLE_ENDIAN);
      while (reply.hasRemaining()) {
        assertThat(raw.link().read(reply)).isPositive();
      }

      assertThat(FrameHeader.sequence(reply, 0)).isEqualTo(4711);
      assertThat(FrameHeader.status(reply, 0)).isEqualTo(Status.OK);
      assertThat(FrameHeader.zeroPage(reply, 0)).isTrue();
    }
  }

  @Test
  void shouldAllocateNothingForAMissOnceWarm() {
    grant(0, 1024);
    writeAll(IntStream.range(0, 1024));
    com.sun.management.ThreadMXBean threads =
        (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();
    long agent = agentThreadId();
    try (PageFetcher fetcher = remote.fetcher()) {
      PageFetcher.Completions ignore = new Ignore();
      missMany(fetcher, ignore, 12_000);
      long least = Long.MAX_VALUE;
      // The least of several: a compiler that replaces the method on the way allocates a little.
      for (int i = 0; i < 3; i++) {
        long before =
            threads.getThreadAllocatedBytes(agent) + threads.getCurrentThreadAllocatedBytes();
        missMany(fetcher, ignore, 5_000);
        long after =
            threads.getThreadAllocatedBytes(agent) + threads.getCurrentThreadAllocatedBytes();
        least = Math.min(least, after - before);
      }

      assertThat(least).isLessThan(5_000);
    }
  }

  private static void missMany(PageFetcher fetcher, PageFetcher.Completions to, int count) {
    for (int i = 0; i < count; i++) {
      fetcher.read(i & 1023, 1);
      fetcher.flush();
      while (fetcher.poll(LONG_NS, to) == 0) {}
    }
  }

  private static long agentThreadId() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().equals("page-agent"))
        .mapToLong(Thread::threadId)
        .max()
        .orElseThrow();
  }

  private void readMany(int thread) {
    Random random = new Random(thread);
    Told own = new Told();
    int frame = 20 + thread * 10;
    try (PageFetcher fetcher = remote.fetcher()) {
      for (int i = 0; i < 300; i++) {
        int[] asked = new int[1 + random.nextInt(8)];
        for (int k = 0; k < asked.length; k++) {
          asked[k] = random.nextInt(4096);
          fetcher.read(asked[k], frame + k);
        }
        fetcher.flush();
        while (fetcher.inFlight() > 0) {
          fetcher.poll(LONG_NS, own);
        }
        for (int k = 0; k < asked.length; k++) {
          assertThat(word(frame + k)).isEqualTo(asked[k]);
        }
      }
    }
  }

  private void assertClosed(FrameFault.Reason reason, Consumer<ByteBuffer> wrong)
      throws IOException {
    long before = pages.counters().faults(reason);
    try (Connection raw = dialer.connect(server.endpoint(), Lane.MISS, Duration.ofSeconds(5))) {
      raw.link().write(request(wrong));

      assertThat(raw.link().read(ByteBuffer.allocateDirect(1))).isEqualTo(-1);
      assertThat(pages.counters().faults(reason)).isEqualTo(before + 1);
    }
  }

  private ByteBuffer request(Consumer<ByteBuffer> change) {
    ByteBuffer b = ByteBuffer.allocateDirect(FrameHeader.BYTES).order(ByteOrder.LITTLE_ENDIAN);
    FrameHeader.start(b, 0, MessageType.READ_PAGE, 0, TestRack.RACK.value());
    FrameHeader.bootId(b, 0, home.boot().value());
    FrameHeader.subject(b, 0, 1);
    FrameHeader.epoch(b, 0, 1);
    FrameHeader.incarnation(b, 0, 1);
    change.accept(b);
    return b;
  }

  private RemotePages remote(Duration patience) {
    return new RemotePages(dialer, 1, regions, RegionAuthority.NONE, frames, patience);
  }

  /** The status with which a read is answered. */
  private Status answer(Consumer<ByteBuffer> change) throws IOException {
    try (Connection raw = dialer.connect(server.endpoint(), Lane.MISS, Duration.ofSeconds(5))) {
      raw.link().write(request(change));
      ByteBuffer reply =
          ByteBuffer.allocateDirect(FrameHeader.BYTES).order(ByteOrder.LITTLE_ENDIAN);
      while (reply.hasRemaining()) {
        assertThat(raw.link().read(reply)).isPositive();
      }
      return FrameHeader.status(reply, 0);
    }
  }

  private Status refusal(int page) {
    told.lines.clear();
    try (PageFetcher fetcher = remote.fetcher()) {
      return catchThrowableOfType(
              MemoryFault.class,
              () -> {
                fetcher.read(page, 1);
                fetcher.flush();
                drain(fetcher);
              })
          .status();
    }
  }

  private void writeAll(IntStream pageNumbers) {
    try (PageWriter writer = remote.writer()) {
      for (int page : pageNumbers.toArray()) {
        // More frames than writes in flight: a frame stays as it is until it is written.
        int frame = page % (2 * RemotePages.MAX_IN_FLIGHT);
        fill(frame, page);
        while (!writer.write(page, frame, 1, false)) {
          writer.flush();
          writer.poll(LONG_NS, told);
        }
      }
      writer.flush();
      drain(writer);
    }
    told.lines.clear();
  }

  private int drain(PageFetcher fetcher) {
    int total = 0;
    while (fetcher.inFlight() > 0) {
      int count = fetcher.poll(LONG_NS, told);
      assertThat(count).isPositive();
      total += count;
    }
    return total;
  }

  private void drain(PageWriter writer) {
    while (writer.inFlight() > 0) {
      assertThat(writer.poll(LONG_NS, told)).isPositive();
    }
  }

  /** Region {@code 1 + index} at the server, and its grant. */
  private void grant(int index, int reservedPages) {
    RegionConfig config = TestRegions.single(1 + index, index, place(server), reservedPages);
    install(config);
    regions.put(widened(config));
  }

  private void install(RegionConfig config) {
    List<InstallAnswer> answers = pages.ask(copies -> copies.install(1, List.of(config)));
    assertThat(answers.getFirst().kind()).isEqualTo(InstallAnswer.Kind.INSTALLED);
  }

  private CopyPlace place(FabricServer at) {
    return new CopyPlace(home.component(), home.boot(), at.endpoint());
  }

  /** The grant of one that believes in more pages than there are. */
  private static AccessGrant widened(RegionConfig config) {
    return config.reserving(PageGeometry.REGION_PAGES).grant();
  }

  private static int pick(Random random) {
    int region = new int[] {0, 1, 5}[random.nextInt(3)];
    int pageCount = region == 1 ? 300 : PageGeometry.REGION_PAGES;
    return region * PageGeometry.REGION_PAGES + random.nextInt(pageCount);
  }

  private void fill(int frame, long value) {
    MemorySegment page = frames.memory().asSlice((long) frame * 4096, 4096);
    for (int at = 0; at < 4096; at += 8) {
      page.set(ValueLayout.JAVA_LONG, at, value);
    }
  }

  /** The value that the whole frame holds. */
  private long word(int frame) {
    long[] words =
        frames.memory().asSlice((long) frame * 4096, 4096).toArray(ValueLayout.JAVA_LONG);
    assertThat(Arrays.stream(words).distinct().toArray()).hasSize(1);
    return words[0];
  }

  private static final class Told implements PageFetcher.Completions, PageWriter.Completions {
    private final List<String> lines = new ArrayList<>();

    @Override
    public void fetched(int pageNumber, int frame, long version, boolean zero) {
      lines.add(
          "fetched "
              + pageNumber
              + " into "
              + frame
              + " version "
              + version
              + (zero ? " zero" : ""));
    }

    @Override
    public void fetchFailed(int pageNumber, int frame) {
      lines.add("fetch of " + pageNumber + " into " + frame + " failed");
    }

    @Override
    public void written(int pageNumber, int frame, long version) {
      lines.add("written " + pageNumber + " from " + frame + " version " + version);
    }

    @Override
    public void writeFailed(int pageNumber, int frame, long version) {
      lines.add("write of " + pageNumber + " from " + frame + " version " + version + " failed");
    }
  }

  private static final class Ignore implements PageFetcher.Completions {
    @Override
    public void fetched(int pageNumber, int frame, long version, boolean zero) {}

    @Override
    public void fetchFailed(int pageNumber, int frame) {}
  }
}
