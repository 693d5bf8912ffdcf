package org.splitrack.manager.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.splitrack.fabric.ComponentId;
import org.splitrack.fabric.PageGeometry;
import org.splitrack.fabric.ProcessId;
import org.splitrack.fabric.RegionId;
import org.splitrack.fabric.control.ControlFault;
import org.splitrack.fabric.control.ControlFault.Code;
import org.splitrack.fabric.control.MemoryCalls.Grown;
import org.splitrack.fabric.region.AccessGrant;
import org.splitrack.fabric.region.RegionConfig;
import org.splitrack.fabric.report.StateChange.RegionState;
import org.splitrack.manager.internal.authority.ProcessRow;
import org.splitrack.manager.internal.authority.ProcessRow.End;
import org.splitrack.manager.internal.authority.ProcessStatus;

class MemoryOverTheWireTest {
  private static final Duration SOON = Duration.ofSeconds(30);
  private static final int REGION = PageGeometry.REGION_PAGES;

  @TempDir private Path folder;
  private TestManager manager;
  private FakeProcessor processor;
  private FakeMemory m0;
  private FakeMemory m1;
  private FakeMemory m2;

  @BeforeEach
  void start() throws IOException {
    manager = new TestManager(folder);
    processor = new FakeProcessor(manager, 0);
    m0 = new FakeMemory(manager, 0, 16L * REGION);
    m1 = new FakeMemory(manager, 1, 16L * REGION);
    m2 = new FakeMemory(manager, 2, 16L * REGION);
  }

  @AfterEach
  void stop() {
    Stream.of(m0, m1, m2).forEach(FakeComponent::close);
    processor.close();
    manager.close();
  }

  @Test
  void shouldGrantALargeGrowthSpreadOverAllMComponents() {
    // given
    ProcessId process = run();
    // when
    Grown grown = processor.grow(process, 0, 32 * REGION);
    // then
    assertThat(grown.grants())
        .extracting(AccessGrant::index)
        .containsExactlyElementsOf(IntStream.range(0, 32).boxed().toList());
    Map<ComponentId, Long> homes =
        grown.grants().stream()
            .collect(
                Collectors.groupingBy(grant -> grant.home().component(), Collectors.counting()));
    assertThat(homes.values()).containsExactlyInAnyOrder(11L, 11L, 10L);
    assertThat(m0.reservedPages()).isEqualTo(homes.getOrDefault(m0.component(), 0L) * REGION);
    assertThat(grown.grants())
        .filteredOn(grant -> grant.home().component().equals(m0.component()))
        .allMatch(grant -> grant.home().boot().equals(m0.boot()));
  }

  @Test
  void shouldChangeNothingWhenAGrowthIsRepeated() {
    // given
    ProcessId process = run();
    Grown first = processor.grow(process, 0, 3 * REGION + 5);
    int installs = installs();
    // when
    Grown again = processor.grow(process, 0, 3 * REGION + 5);
    // then
    assertThat(again).isEqualTo(first);
    assertThat(installs()).isEqualTo(installs);
  }

  @Test
  void shouldRaiseAPartlyReservedRegionWhereItIs() {
    // given
    ProcessId process = run();
    AccessGrant small = processor.grow(process, 0, 16).grants().getFirst();
    // when
    List<AccessGrant> grants = processor.grow(process, 16, REGION + 16).grants();
    // then
    assertThat(grants).hasSize(2);
    assertThat(grants.getFirst().region()).isEqualTo(small.region());
    assertThat(grants.getFirst().home()).isEqualTo(small.home());
    assertThat(grants.getFirst().reservedPages()).isEqualTo(REGION);
    assertThat(grants.getLast().reservedPages()).isEqualTo(16);
    assertThat(reservedPages()).isEqualTo(REGION + 16);
  }

  @Test
  void shouldGrantAllOrNothing() {
    // given
    ProcessId process = run();
    processor.grow(process, 0, 40 * REGION);
    // when, then
    assertThatThrownBy(() -> processor.grow(process, 40 * REGION, 49 * REGION))
        .isInstanceOfSatisfying(
            ControlFault.class, fault -> assertThat(fault.code()).isEqualTo(Code.FULL));
    assertThat(reservedPages()).isEqualTo(40L * REGION);
    assertThat(processor.grow(process, 40 * REGION, 48 * REGION).grants()).hasSize(8);
    assertThat(manager.eventNames()).containsOnlyOnce("memory_refused");
  }

  @Test
  void shouldTryTheNextMComponentWhenOneIsFullerThanItSeems() {
    // given
    ProcessId process = run();
    m0.hiddenPages = 16L * REGION;
    m1.hiddenPages = 16L * REGION;
    // when
    Grown grown = processor.grow(process, 0, 5 * REGION);
    // then
    assertThat(grown.grants()).allMatch(grant -> grant.home().component().equals(m2.component()));
    assertThat(m2.reservedPages()).isEqualTo(5L * REGION);
  }

  @Test
  void shouldTakeBackWhatAGrowthInstalledWhenItFailsHalfway() {
    // given
    ProcessId process = run();
    Stream.of(m0, m1, m2).forEach(m -> m.hiddenPages = 12L * REGION);
    // when, then
    assertThatThrownBy(() -> processor.grow(process, 0, 13 * REGION))
        .isInstanceOfSatisfying(
            ControlFault.class, fault -> assertThat(fault.code()).isEqualTo(Code.FULL));
    assertThat(reservedPages()).isZero();
    assertThat(manager.store.regionsOf(process)).isEmpty();
    assertThat(processor.grow(process, 0, 12 * REGION).grants()).hasSize(12);
  }

  @Test
  void shouldKeepWhatMayBeStoredWhenItLosesTheLeadWhileItStores() {
    // given
    ProcessId process = run();
    manager.lead.loseWhenStoring();
    assertThatThrownBy(() -> processor.grow(process, 0, 3 * REGION))
        .isInstanceOfSatisfying(
            ControlFault.class, fault -> assertThat(fault.code()).isEqualTo(Code.UNAVAILABLE));
    // when
    manager.parts.leaderStart().end();
    manager.lead.lead();
    manager.parts.leaderStart().begin();
    manager.parts.releases().holders().forEach(manager.parts.releases()::attempt);
    Grown again = processor.grow(process, 0, 3 * REGION);
    // then
    assertThat(again.grants()).hasSize(3);
    assertThat(manager.store.regionsOf(process))
        .extracting(RegionConfig::region)
        .containsExactlyElementsOf(again.grants().stream().map(AccessGrant::region).toList());
    assertThat(reservedPages()).isEqualTo(3L * REGION);
  }

  @Test
  void shouldNotGiveTheSameRoomToTwoProcessesAtOnce() throws Exception {
    // given
    List<ProcessId> processes = IntStream.range(0, 8).mapToObj(i -> run()).toList();
    // when
    List<Future<Grown>> grows;
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      grows =
          processes.stream()
              .map(process -> threads.submit(() -> processor.grow(process, 0, 6 * REGION)))
              .toList();
    }
    // then
    assertThat(grows).allMatch(grow -> grow.state() == Future.State.SUCCESS);
    assertThat(reservedPages()).isEqualTo(48L * REGION);
  }

  @Test
  void shouldGiveEverythingBackWhenAProcessEnds() {
    // given
    ProcessId process = run();
    processor.grow(process, 0, 20 * REGION + 1);
    // when
    processor.exit(process, 0);
    // then
    assertThat(reservedPages()).isZero();
    assertThat(manager.reporter.changes(RegionState.class).stream().filter(RegionState::ended))
        .hasSize(21);
    assertThat(processor.grow(run(), 0, 48 * REGION).grants()).hasSize(48);
  }

  @Test
  void shouldCountRegionsUntilTheirHomeHasReleasedThem() {
    // given
    ProcessId process = run();
    processor.grow(process, 0, 48 * REGION);
    m0.stubborn = true;
    processor.exit(process, 0);
    ProcessId next = run();
    assertThatThrownBy(() -> processor.grow(next, 0, 48 * REGION)).isInstanceOf(ControlFault.class);
    // when
    m0.stubborn = false;
    manager.parts.releases().holders().forEach(manager.parts.releases()::attempt);
    // then
    assertThat(processor.grow(next, 0, 48 * REGION).grants()).hasSize(48);
    assertThat(manager.parts.releases().holders()).isEmpty();
  }

  @Test
  void shouldRefuseMemoryToAProcessThatHasEnded() {
    // given
    ProcessId process = run();
    processor.exit(process, 0);
    // when, then
    assertThatThrownBy(() -> processor.grow(process, 0, 16))
        .isInstanceOfSatisfying(
            ControlFault.class, fault -> assertThat(fault.code()).isEqualTo(Code.DENIED));
  }

  @Test
  void shouldRefuseARangeThatIsNone() {
    // given
    ProcessId process = run();
    // when, then
    for (int[] range : new int[][] {{-1, 5}, {5, 5}, {6, 5}, {0, 128 * REGION + 1}}) {
      assertThatThrownBy(() -> processor.grow(process, range[0], range[1]))
          .isInstanceOfSatisfying(
              ControlFault.class, fault -> assertThat(fault.code()).isEqualTo(Code.BAD_REQUEST));
    }
  }

  @Test
  void shouldLoseAProcessWhoseMemoryWasOnAnMComponentThatStartedAnew() throws IOException {
    // given
    ProcessId process = run();
    processor.grow(process, 0, 3 * REGION);
    RegionId region =
        manager.store.regionsOf(process).stream()
            .filter(config -> config.home().hasBoot(m1.boot()))
            .findFirst()
            .orElseThrow()
            .region();
    m1.close();
    // when
    m1 = new FakeMemory(manager, 1, 16L * REGION);
    // then
    ProcessRow row = manager.parts.ends().awaitEnd(process, SOON).orElseThrow();
    assertThat(row.end())
        .isNotNull()
        .extracting(End::status, End::exitCode, End::reason)
        .containsExactly(
            ProcessStatus.LOST,
            125,
            "region " + region + " is lost: mcomponent-1 restarted empty, and no copy is left");
    assertThat(manager.eventNames()).contains("component_restarted", "region_lost");
    await()
        .atMost(SOON)
        .untilAsserted(() -> assertThat(manager.store.regionsOf(process)).isEmpty());
    assertThat(processor.grow(run(), 0, 48 * REGION).grants()).hasSize(48);
  }

  @Test
  void shouldLetAProcessWaitForASilentMComponentAndLoseItWhenThatStaysAway() {
    // given
    ProcessId process = run();
    processor.grow(process, 0, 3 * REGION);
    m1.close();
    silenceOfAllButM1(1_500);
    // Probes find out the rest, which counts as the silence that makes a component down.
    await()
        .atMost(SOON)
        .untilAsserted(() -> assertThat(manager.eventNames()).contains("component_down"));
    silenceOfAllButM1(6_900);
    assertThat(manager.store.process(process).orElseThrow().isRunning()).isTrue();
    // when
    silenceOfAllButM1(100);
    // then
    ProcessRow row = manager.parts.ends().awaitEnd(process, SOON).orElseThrow();
    assertThat(row.status()).isEqualTo(ProcessStatus.LOST);
  }

  private void silenceOfAllButM1(long ms) {
    for (long i = 0; i < ms; i += 100) {
      manager.silence(100);
      processor.beat(processor.running.stream().map(ProcessId::value).toList());
      m0.beat(List.of());
      m2.beat(List.of());
    }
  }

  private ProcessId run() {
    return manager.parts.starts().start(manager.program("a")).process();
  }

  private long reservedPages() {
    return Stream.of(m0, m1, m2).mapToLong(FakeMemory::reservedPages).sum();
  }

  private int installs() {
    return Stream.of(m0, m1, m2).mapToInt(m -> m.installs.get()).sum();
  }
}
