package org.splitrack.mcomponent.internal.page;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.splitrack.fabric.PageGeometry.PAGE_BYTES;

import com.sun.management.ThreadMXBean;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.splitrack.fabric.PageGeometry;
import org.splitrack.fabric.RegionId;
import org.splitrack.fabric.Role;
import org.splitrack.fabric.control.MemoryCalls.CaughtUp;
import org.splitrack.fabric.control.MemoryCalls.HandedOff;
import org.splitrack.fabric.control.MemoryCalls.SuspectMember;
import org.splitrack.fabric.memory.FramePool;
import org.splitrack.fabric.memory.PageFetcher;
import org.splitrack.fabric.memory.PageWriter;
import org.splitrack.fabric.memory.RegionAuthority;
import org.splitrack.fabric.memory.RegionTable;
import org.splitrack.fabric.memory.RemotePages;
import org.splitrack.fabric.region.AccessGrant;
import org.splitrack.fabric.region.AckMode;
import org.splitrack.fabric.region.InstallAnswer;
import org.splitrack.fabric.region.Learner;
import org.splitrack.fabric.region.RegionConfig;
import org.splitrack.fabric.region.RegionCopy;
import org.splitrack.fabric.region.Verdict;
import org.splitrack.fabric.testkit.TestRack;
import org.splitrack.fabric.transport.Connection;
import org.splitrack.fabric.transport.Dialer;
import org.splitrack.fabric.transport.LinkProfile;
import org.splitrack.fabric.transport.LinkShim;
import org.splitrack.fabric.transport.Transport;
import org.splitrack.mcomponent.internal.TestRegions;

/**
 * What holds for the copies of a region over any transport, with a manager that follows a script
 * and a writer that notes what was acknowledged. {@code -Dsplitrack.seed=} repeats a run.
 */
abstract class ReplicationContract {
  private static final int PAGES = 400;
  private static final int FRAMES = 4 * PAGES;
  private static final int READ_FRAME = FRAMES - 1;
  private static final Duration LONG = Duration.ofSeconds(40);

  /** Pages that a home keeps for a copy that does not acknowledge. */
  private static final int ROOM_TO_WAIT = 256;

  /** Where an answer reaches no connection. */
  private static final long NOBODY = Long.MIN_VALUE;

  private static final Duration PAUSE = Duration.ofMillis(500);

  private final Transport transport = transport(Role.MCOMPONENT);
  private final CopyRig rig = new CopyRig(transport);
  private final FramePool frames = new FramePool(FRAMES);
  private final RegionTable regions = new RegionTable();
  private final AtomicReference<RegionConfig> row = new AtomicReference<>();
  private final List<AccessGrant> suspected = new CopyOnWriteArrayList<>();
  private final List<Long> stallsNs = new CopyOnWriteArrayList<>();
  private final List<Connection> kept = new CopyOnWriteArrayList<>();

  private int framesUsed;

  /** What the manager of this test does about a home that cannot be reached. */
  private volatile Runnable onHomeGone = () -> {};

  /** What components of that role reach the others over. */
  abstract Transport transport(Role role);

  @AfterEach
  void stop() {
    rig.close();
    kept.forEach(Connection::close);
    frames.close();
  }

  @Test
  void shouldAcknowledgeWhatBothCopiesHold() throws IOException {
    CopyRig.Node home = rig.start(0);
    CopyRig.Node second = rig.start(1);
    configure(TestRegions.first(1, 0, PAGES, AckMode.SAFE, home.place(), second.place()));

    try (Writer writer = new Writer()) {
      writer.write(1_000);
      writer.drain();

      writer.assertHolds(home);
      writer.assertHolds(second);
    }
    assertThat(second.agent().counters().replicas()).isGreaterThanOrEqualTo(1_000);
  }

  @Test
  void shouldLoseNoAcknowledgedWriteWhenTheHomeIsKilledInAStream() throws Exception {
    long seed = seed();
    Random random = new Random(seed);
    CopyRig.Node home = rig.start(0);
    CopyRig.Node second = rig.start(1);
    RegionConfig config =
        TestRegions.first(1, 0, PAGES, AckMode.SAFE, home.place(), second.place());
    configure(config);
    onHomeGone = () -> configure(config.rehomed(second.place(), List.of(), 1));

    try (Writer writer = new Writer()) {
      writer.write(500 + random.nextInt(1_000));
      writer.fill();
      int open = writer.inFlight();
      long served = home.agent().counters().writes();
      stallsNs.clear();
      home.kill();
      writer.write(1_000);
      writer.drain();

      assertThat(stallsNs).isNotEmpty().allSatisfy(ns -> assertThat(ns).isPositive());
      assertThat(open).isPositive();
      assertThat(served).isPositive();
      assertThat(suspected).isNotEmpty();
      writer.assertHolds(second);
      writer.assertReads();
    }
  }

  @Test
  void shouldShowWhatLegoLosesWhereSafeDoesNot() throws Exception {
    CopyRig.Node home = rig.start(0);
    CopyRig.Node second = rig.start(1);
    RegionConfig config =
        TestRegions.first(1, 0, PAGES, AckMode.LEGO, home.place(), second.place());
    row.set(config);
    home.install(config);
    second.install(config);
    // The second copy is there and cannot be reached: its port is closed.
    second.server.close();
    regions.put(config.grant());

    try (Writer writer = new Writer()) {
      writer.write(ROOM_TO_WAIT);
      writer.drain();
      assertThat(home.agent().counters().droppedReplications()).isZero();
      writer.write(100);
      writer.drain();

      writer.assertHolds(home);
      assertThat(writer.isHeldBy(second)).isFalse();
      assertThat(home.agent().counters().droppedReplications()).isEqualTo(100);
    }
  }

  @Test
  void shouldNotAcknowledgeASafeWriteWithoutItsSecondCopy() throws Exception {
    CopyRig.Node home = rig.start(0);
    CopyRig.Node second = rig.start(1);
    RegionConfig config =
        TestRegions.first(1, 0, PAGES, AckMode.SAFE, home.place(), second.place());
    configure(config);
    second.kill();

    try (Writer writer = new Writer()) {
      writer.fill();
      awaitSuspicionOf(second, writer);
      writer.poll();

      assertThat(writer.acknowledged()).isZero();
      assertThat(writer.inFlight()).isEqualTo(RemotePages.MAX_IN_FLIGHT);
      assertThat(writer.reads(0)).isFalse();

      configure(config.keeping(List.of(), 1));
      writer.write(100);
      writer.drain();
      assertThat(home.agent().counters().unprotectedWrites())
          .as("those that waited for the second copy included")
          .isGreaterThanOrEqualTo(writer.acknowledged());
      writer.assertHolds(home);
      writer.assertReads();
    }
  }

  @Test
  void shouldSlowWritersWithinBoundsWhenTheSecondCopyDoesNotRead() throws Exception {
    CopyRig.Node home = rig.start(0);
    CopyRig.Node silent = rig.startSilent(1, kept::add);
    CopyRig.Node other = rig.start(2);
    RegionConfig config =
        TestRegions.first(1, 0, PAGES, AckMode.SAFE, home.place(), silent.place());
    row.set(config);
    home.install(config);
    regions.put(config.grant());
    RegionConfig neighbour =
        TestRegions.first(2, 1, PAGES, AckMode.SAFE, home.place(), other.place());
    configureMore(neighbour);

    try (Writer writer = new Writer();
        Writer unharmed = new Writer(PAGES_OF_REGION, 100)) {
      writer.fill();
      awaitSuspicionOf(silent, writer);
      for (int i = 0; i < 20; i++) {
        unharmed.write(50);
        unharmed.drain();
        writer.poll();
      }

      assertThat(writer.acknowledged()).isZero();
      assertThat(writer.inFlight()).isEqualTo(RemotePages.MAX_IN_FLIGHT);
      assertThat(kept).isNotEmpty();

      configure(config.keeping(List.of(), 1));
      writer.drain();
      writer.assertHolds(home);
    }
  }

  @Test
  void shouldGoOnWithoutACopyThatIsCutOffAndTakeItBackEmpty() throws Exception {
    LinkShim shim = new LinkShim(transport, LinkProfile.PLAIN);
    CopyRig.Node home = rig.start(0, shim);
    CopyRig.Node second = rig.start(1);
    RegionConfig config =
        TestRegions.first(1, 0, PAGES, AckMode.SAFE, home.place(), second.place());
    configure(config);

    try (Writer writer = new Writer()) {
      writer.write(300);
      writer.drain();
      int before = writer.acknowledged();
      shim.changeCuts(List.of(second.identity.component()), List.of());
      writer.fill();
      awaitSuspicionOf(second, writer);
      assertThat(writer.acknowledged()).isEqualTo(before);

      RegionConfig alone = config.keeping(List.of(), 1);
      configure(alone);
      writer.write(300);
      writer.drain();
      writer.assertHolds(home);
      assertThat(writer.isHeldBy(second)).isFalse();

      shim.changeCuts(List.of(), List.of(second.identity.component()));
      configure(alone.learning(new Learner(second.place(), Learner.Purpose.SECONDARY), 1));
      await()
          .atMost(LONG)
          .until(
              () -> {
                writer.write(20);
                return rig.news.stream().anyMatch(CaughtUp.class::isInstance);
              });
      writer.drain();
      writer.assertHolds(second);
    }
  }

  @Test
  void shouldMakeASecondCopyUnderWrites() throws Exception {
    CopyRig.Node home = rig.start(0);
    CopyRig.Node second = rig.start(1);
    RegionConfig alone = TestRegions.first(1, 0, PAGES, AckMode.SAFE, home.place());
    configure(alone);

    try (Writer writer = new Writer()) {
      writer.write(600);
      RegionConfig learning =
          alone.learning(new Learner(second.place(), Learner.Purpose.SECONDARY), 1);
      configure(learning);
      AtomicInteger rounds = new AtomicInteger();
      await()
          .atMost(LONG)
          .until(
              () -> {
                writer.write(50);
                rounds.incrementAndGet();
                return rig.news.stream()
                    .anyMatch(
                        news ->
                            news instanceof CaughtUp caught
                                && caught.epoch() == learning.epoch()
                                && caught.learner().equals(second.place()));
              });
      writer.drain();

      writer.assertHolds(home);
      writer.assertHolds(second);
      assertThat(rounds.get()).isPositive();
    }
  }

  @Test
  void shouldMoveARegionUnderReadsAndWritesWithoutAFailedOperation() throws Exception {
    CopyRig.Node source = rig.start(0);
    CopyRig.Node second = rig.start(1);
    CopyRig.Node target = rig.start(2);
    RegionConfig config =
        TestRegions.first(1, 0, PAGES, AckMode.SAFE, source.place(), second.place());
    configure(config);

    try (Writer writer = new Writer()) {
      writer.write(1_000);
      RegionConfig moving = config.learning(new Learner(target.place(), Learner.Purpose.HOME), 1);
      configure(moving);
      await()
          .atMost(LONG)
          .until(
              () -> {
                writer.write(50);
                return rig.news.stream()
                    .anyMatch(
                        news ->
                            news instanceof HandedOff handed
                                && handed.config().equals(moving.successor())
                                && handed.bytes() >= PAGES / 2 * (long) PAGE_BYTES
                                && handed.rounds() == 1);
              });
      writer.write(500);
      writer.drain();
      writer.assertReads();

      writer.assertHolds(target);
      writer.assertHolds(second);
      assertThat(Objects.requireNonNull(regions.at(0)).home()).isEqualTo(target.place());
      assertThat(target.agent().counters().writes()).isPositive();
      configure(moving.finished(1));
      writer.write(100);
      writer.drain();
      writer.assertHolds(second);
    }
  }

  @Test
  void shouldCountAWriteThatComesBetweenTwoHomesAsPaused() throws Exception {
    LinkShim shim = new LinkShim(transport, LinkProfile.PLAIN);
    CopyRig.Node source = rig.start(0, shim);
    CopyRig.Node target = rig.start(1);
    RegionConfig config =
        TestRegions.first(1, 0, PAGES, AckMode.SAFE, source.place(), target.place());
    configure(config);

    try (Writer writer = new Writer()) {
      writer.write(100);
      writer.drain();
      shim.changeCuts(List.of(target.identity.component()), List.of());
      configure(config.learning(new Learner(target.place(), Learner.Purpose.HOME), 1));
      writer.write(1);
      pause(writer);
      shim.changeCuts(List.of(), List.of(target.identity.component()));

      writer.drain();
      awaitReportOfPause();
    }
  }

  @Test
  void shouldCountAWriteThatWaitsForTheHandOffAsPausedUntilItIsTaken() throws Exception {
    LinkShim shim = new LinkShim(transport, LinkProfile.PLAIN);
    CopyRig.Node source = rig.start(0, shim);
    CopyRig.Node target = rig.start(1);
    RegionConfig config =
        TestRegions.first(1, 0, PAGES, AckMode.SAFE, source.place(), target.place());
    configure(config);
    RegionConfig moving = config.learning(new Learner(target.place(), Learner.Purpose.HOME), 1);

    try (Writer writer = new Writer()) {
      writer.write(1);
      writer.drain();
      target.install(moving);
      shim.changeCuts(List.of(target.identity.component()), List.of());
      // All in one turn, so that no tick ends the wait for the acknowledgement.
      source
          .agent()
          .ask(
              copies -> {
                RegionCopy copy = copyOf(copies, config.region());
                copy.onWrite(NOBODY, 1, config.epoch(), config.incarnation(), 0, 100);
                copies.install(moving.term(), List.of(moving));
                assertThat(copy.onWrite(NOBODY, 2, config.epoch(), config.incarnation(), 1, 101))
                    .isEqualTo(Verdict.LATER);
                copies.stalled(copy);
                copy.onReplicaAck(target.place().boot().value(), moving.epoch(), 1, 100);
                assertThat(copy.isHandingOff()).isTrue();
                return copy;
              });
      pause(writer);
      shim.changeCuts(List.of(), List.of(target.identity.component()));

      awaitReportOfPause();
    }
  }

  private static RegionCopy copyOf(RegionCopies copies, RegionId region) {
    return Objects.requireNonNull(
        Objects.requireNonNull(copies.store().find(region.value())).copy());
  }

  private void pause(Writer writer) {
    long fromNs = System.nanoTime();
    await()
        .until(
            () -> {
              writer.poll();
              return System.nanoTime() - fromNs > PAUSE.toNanos();
            });
  }

  private void awaitReportOfPause() {
    await()
        .atMost(LONG)
        .until(
            () ->
                rig.news.stream()
                    .anyMatch(
                        news ->
                            news instanceof HandedOff handed
                                && handed.pauseUs() >= PAUSE.toNanos() / 2_000));
  }

  @Test
  void shouldServeNothingStaleFromAHomeThatWasReplacedUnnoticed() throws Exception {
    CopyRig.Node old = rig.start(0);
    CopyRig.Node second = rig.start(1);
    RegionConfig config = TestRegions.first(1, 0, PAGES, AckMode.SAFE, old.place(), second.place());
    configure(config);
    RegionTable stale = new RegionTable();
    stale.put(config.grant());

    try (Writer writer = new Writer();
        Writer unaware = new Writer(0, PAGES, stale)) {
      writer.write(300);
      writer.drain();
      // The old home hears nothing of it, as while it was paused.
      RegionConfig promoted = config.rehomed(second.place(), List.of(), 1);
      assertThat(second.install(promoted)).isEqualTo(InstallAnswer.Kind.INSTALLED);
      regions.put(promoted.grant());
      writer.write(300);
      writer.drain();

      unaware.lastVersion = writer.lastVersion;
      unaware.fill();
      await()
          .atMost(LONG)
          .until(() -> unaware.pollsNothing() && second.agent().counters().refusals() > 0);
      assertThat(unaware.acknowledged()).isZero();
      assertThat(unaware.reads(0)).isFalse();
      writer.assertHolds(second);
      writer.assertReads();
    }
  }

  @Test
  void shouldAllocateNothingForASafeWriteOnceWarm() throws Exception {
    CopyRig.Node home = rig.start(0);
    CopyRig.Node second = rig.start(1);
    configure(TestRegions.first(1, 0, PAGES, AckMode.SAFE, home.place(), second.place()));
    long[] agents =
        Thread.getAllStackTraces().keySet().stream()
            .filter(thread -> thread.getName().equals("page-agent"))
            .mapToLong(Thread::threadId)
            .toArray();
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    try (Writer writer = new Writer()) {
      writer.write(20_000);
      writer.drain();
      long least = Long.MAX_VALUE;
      // The least of several: a compiler that replaces the method on the way allocates a little.
      for (int i = 0; i < 3; i++) {
        long before = Arrays.stream(threads.getThreadAllocatedBytes(agents)).sum();
        writer.write(10_000);
        writer.drain();
        long after = Arrays.stream(threads.getThreadAllocatedBytes(agents)).sum();
        least = Math.min(least, after - before);
      }

      assertThat(agents).hasSizeGreaterThanOrEqualTo(2);
      assertThat(least).isLessThan(10_000);
    }
  }

  // ---- the script ----

  private static final int PAGES_OF_REGION = PageGeometry.REGION_PAGES;

  /** Installs and tells the accessor, as the manager does. */
  private void configure(RegionConfig config) {
    row.set(config);
    configureMore(config);
  }

  private void configureMore(RegionConfig config) {
    rig.install(config);
    regions.put(config.grant());
  }

  private void awaitSuspicionOf(CopyRig.Node node, Writer writer) {
    await()
        .atMost(LONG)
        .until(
            () -> {
              writer.poll();
              return rig.news.stream()
                  .anyMatch(
                      news ->
                          news instanceof SuspectMember suspect
                              && suspect.member().equals(node.place()));
            });
  }

  private static long seed() {
    long seed = Long.getLong("splitrack.seed", System.nanoTime());
    System.out.println("ReplicationContract seed " + seed);
    return seed;
  }

  /**
   * Writes values that are never repeated, and knows for each page the last one and its version.
   */
  private final class Writer
      implements AutoCloseable, PageWriter.Completions, PageFetcher.Completions {
    private final int firstPage;
    private final int pageCount;
    private final int firstFrame;
    private final PageWriter writer;
    private final PageFetcher fetcher;
    private final long[] values;
    private final long[] versions;
    private final boolean[] open;
    private final Random random = new Random(1);
    private long lastVersion;
    private int acknowledgedCount;
    private int fetchedCount;

    Writer() {
      this(0, PAGES, regions);
    }

    Writer(int firstPage, int pageCount) {
      this(firstPage, pageCount, regions);
    }

    Writer(int firstPage, int pageCount, RegionTable table) {
      this.firstPage = firstPage;
      this.pageCount = pageCount;
      this.firstFrame = framesUsed;
      framesUsed += pageCount;
      RemotePages remote =
          new RemotePages(
              new Dialer(transport(Role.PCOMPONENT), TestRack.identity("pcomponent-0")),
              1,
              table,
              new Manager(),
              frames,
              LONG);
      this.writer = remote.writer();
      this.fetcher = remote.fetcher();
      this.values = new long[pageCount];
      this.versions = new long[pageCount];
      this.open = new boolean[pageCount];
    }

    /** Writes so many pages at random, a page only when its last write is acknowledged. */
    void write(int count) {
      for (int i = 0; i < count; i++) {
        int page = random.nextInt(pageCount);
        while (open[page]) {
          writer.flush();
          writer.poll(100_000_000, this);
        }
        put(page);
      }
      writer.flush();
    }

    /** As many as can be under way. */
    void fill() {
      for (int page = 0; writer.inFlight() < RemotePages.MAX_IN_FLIGHT; page++) {
        if (!open[page]) {
          put(page);
        }
      }
      writer.flush();
    }

    private void put(int page) {
      lastVersion++;
      values[page] = lastVersion * 1_000 + page + 1;
      versions[page] = lastVersion;
      MemorySegment frame = frames.memory().asSlice((long) (firstFrame + page) * 4096, 4096);
      frame.set(ValueLayout.JAVA_LONG, 0, values[page]);
      frame.set(ValueLayout.JAVA_LONG, 4088, values[page]);
      open[page] = true;
      while (!writer.write(firstPage + page, firstFrame + page, lastVersion, false)) {
        writer.flush();
        writer.poll(100_000_000, this);
      }
    }

    void poll() {
      writer.poll(1_000_000, this);
    }

    boolean pollsNothing() {
      return writer.poll(200_000_000, this) == 0;
    }

    void drain() {
      writer.flush();
      while (writer.inFlight() > 0) {
        writer.poll(100_000_000, this);
      }
    }

    int inFlight() {
      return writer.inFlight();
    }

    int acknowledged() {
      return acknowledgedCount;
    }

    boolean isHeldBy(CopyRig.Node node) {
      long[][] held = node.pagesOf(row.get());
      for (int page = 0; page < pageCount; page++) {
        if (versions[page] > 0
            && (held[page][0] != values[page] || held[page][1] != versions[page])) {
          return false;
        }
      }
      return true;
    }

    void assertHolds(CopyRig.Node node) {
      long[][] held = node.pagesOf(row.get());
      for (int page = 0; page < pageCount; page++) {
        assertThat(held[page]).as("page %s", page).containsExactly(values[page], versions[page]);
      }
    }

    /** Reads all pages through the region's present home. */
    void assertReads() {
      int frame = READ_FRAME;
      for (int page = 0; page < pageCount; page++) {
        assertThat(fetcher.read(firstPage + page, frame)).isTrue();
        fetcher.flush();
        while (fetcher.inFlight() > 0) {
          fetcher.poll(100_000_000, this);
        }
        long expected = values[page];
        MemorySegment bytes = frames.memory().asSlice((long) frame * 4096, 4096);
        assertThat(bytes.get(ValueLayout.JAVA_LONG, 0)).as("page %s", page).isEqualTo(expected);
        assertThat(bytes.get(ValueLayout.JAVA_LONG, 4088)).isEqualTo(expected);
      }
    }

    /** Whether a read is answered soon. */
    boolean reads(int page) {
      int before = fetchedCount;
      fetcher.read(firstPage + page, READ_FRAME);
      fetcher.flush();
      fetcher.poll(200_000_000, this);
      return fetchedCount > before;
    }

    @Override
    public void close() {
      writer.close();
      fetcher.close();
    }

    @Override
    public void written(int pageNumber, int frame, long version) {
      open[pageNumber - firstPage] = false;
      acknowledgedCount++;
    }

    @Override
    public void writeFailed(int pageNumber, int frame, long version) {
      throw new AssertionError("page " + pageNumber + " was not written");
    }

    @Override
    public void fetched(int pageNumber, int frame, long version, boolean zero) {
      fetchedCount++;
    }

    @Override
    public void fetchFailed(int pageNumber, int frame) {
      throw new AssertionError("page " + pageNumber + " was not read");
    }
  }

  /** Knows one thing to do, and does it once, on a thread of its own as the manager would. */
  private final class Manager implements RegionAuthority {
    private final CompletableFuture<Void> acted = new CompletableFuture<>();

    @Override
    public void resolve(RegionId region) {}

    @Override
    public void stalled(AccessGrant grant, long stallNs) {
      stallsNs.add(stallNs);
    }

    @Override
    public void suspect(AccessGrant grant, boolean unreachable) {
      suspected.add(grant);
      if (unreachable && !acted.isDone()) {
        acted.complete(null);
        Thread.ofVirtual().start(onHomeGone);
      }
    }
  }
}
