package org.splitrack.manager.internal.authority;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.splitrack.fabric.BootId;
import org.splitrack.fabric.ComponentId;
import org.splitrack.fabric.Endpoint;
import org.splitrack.fabric.ProcessId;
import org.splitrack.fabric.RegionId;
import org.splitrack.fabric.control.ProcessSpec;
import org.splitrack.manager.internal.authority.ProcessRow.End;

class InMemoryConfigStoreTest {
  private static final Instant AT = Instant.parse("2026-01-01T00:00:00Z");

  private final InMemoryConfigStore store = new InMemoryConfigStore();

  @Test
  void shouldLetOnlyOneOfTwoEndAProcess() {
    // given
    ProcessRow row = process(1);
    store.replaceProcess(null, row);
    // when
    boolean first = store.replaceProcess(row, row.ended(end(0)));
    boolean second = store.replaceProcess(row, row.ended(end(137)));
    // then
    assertThat(first).isTrue();
    assertThat(second).isFalse();
    assertThat(store.process(row.process()).orElseThrow().end()).isEqualTo(end(0));
    assertThat(store.runningProcesses()).isEmpty();
  }

  @Test
  void shouldNotStoreAProcessTwice() {
    assertThat(store.replaceProcess(null, process(1))).isTrue();
    assertThat(store.replaceProcess(null, process(1))).isFalse();
  }

  @Test
  void shouldListTheRegionsOfAProcessByIndexUntilTheyAreRemoved() {
    // given
    RegionConfig second = region(11, 1, 1);
    RegionConfig first = region(12, 1, 0);
    store.replaceRegion(null, second);
    store.replaceRegion(null, first);
    store.replaceRegion(null, region(13, 2, 0));
    // when
    List<RegionConfig> before = store.regionsOf(new ProcessId(1));
    boolean removed = store.removeRegion(first);
    // then
    assertThat(before).containsExactly(first, second);
    assertThat(removed).isTrue();
    assertThat(store.removeRegion(first)).isFalse();
    assertThat(store.regionsOf(new ProcessId(1))).containsExactly(second);
  }

  @Test
  void shouldRefuseAChangeOfARegionThatChangedMeanwhile() {
    // given
    RegionConfig before = region(11, 1, 0);
    store.replaceRegion(null, before);
    store.replaceRegion(before, before.reserving(20));
    // when, then
    assertThat(store.replaceRegion(before, before.reserving(30))).isFalse();
    assertThat(store.region(before.region()).orElseThrow().reservedPages()).isEqualTo(20);
  }

  @Test
  void shouldKeepOnlyTheNewestEndedProcesses() {
    // given
    ProcessRow running = process(1);
    store.replaceProcess(null, running);
    // when
    for (int i = 2; i <= InMemoryConfigStore.MAX_ENDED + 2; i++) {
      ProcessRow row = process(i);
      store.replaceProcess(null, row);
      store.replaceProcess(row, row.ended(end(0)));
    }
    // then
    assertThat(store.process(running.process())).isPresent();
    assertThat(store.process(new ProcessId(2))).isEmpty();
    assertThat(store.processes()).hasSize(InMemoryConfigStore.MAX_ENDED + 1);
  }

  private static ProcessRow process(long number) {
    return new ProcessRow(
        new ProcessId(number),
        1,
        new ProcessSpec(
            "p",
            "0".repeat(64),
            List.of("p"),
            Map.of(),
            List.of(),
            "default",
            "",
            null,
            "none",
            "leap",
            "clock",
            "default",
            false,
            false),
        ComponentId.parse("pcomponent-0"),
        new BootId(1),
        AT,
        null);
  }

  private static End end(int exitCode) {
    return new End(ProcessStatus.EXITED, exitCode, null, AT, Map.of());
  }

  private static RegionConfig region(long number, long process, int index) {
    return new RegionConfig(
        new RegionId(number),
        new ProcessId(process),
        index,
        1,
        1,
        ComponentId.parse("mcomponent-0"),
        new BootId(1),
        new Endpoint("127.0.0.1", 1),
        16);
  }
}
