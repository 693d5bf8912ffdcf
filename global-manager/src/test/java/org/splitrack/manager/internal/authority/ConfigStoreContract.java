package org.splitrack.manager.internal.authority;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.splitrack.fabric.BootId;
import org.splitrack.fabric.ComponentId;
import org.splitrack.fabric.Endpoint;
import org.splitrack.fabric.ProcessId;
import org.splitrack.fabric.RegionId;
import org.splitrack.fabric.control.ProcessSpec;
import org.splitrack.fabric.region.AckMode;
import org.splitrack.fabric.region.ConfigChange;
import org.splitrack.fabric.region.CopyPlace;
import org.splitrack.fabric.region.Learner;
import org.splitrack.fabric.region.RegionConfig;
import org.splitrack.manager.internal.authority.ProcessRow.End;
import org.splitrack.manager.internal.authority.ProcessRow.Place;

/** What a {@link ConfigStore} promises, in memory and in PostgreSQL alike. */
abstract class ConfigStoreContract {
  static final Instant AT = Instant.parse("2026-01-01T00:00:00Z");
  static final CopyPlace M0 = place(0);
  static final CopyPlace M1 = place(1);
  static final CopyPlace M2 = place(2);

  /** An empty one that leads. */
  abstract ConfigStore store();

  @Test
  void shouldLetOnlyOneOfTwoEndAProcess() {
    // given
    ConfigStore store = store();
    ProcessRow row = process(1);
    store.addProcess(row);
    // when
    Optional<List<RegionConfig>> first = store.expel(row, row.ended(end(0)));
    Optional<List<RegionConfig>> second = store.expel(row, row.ended(end(137)));
    // then
    assertThat(first).hasValue(List.of());
    assertThat(second).isEmpty();
    assertThat(store.process(row.process()).orElseThrow().end()).isEqualTo(end(0));
    assertThat(store.runningProcesses()).isEmpty();
  }

  @Test
  void shouldNotStoreAProcessTwice() {
    ConfigStore store = store();
    assertThat(store.addProcess(process(1))).isTrue();
    assertThat(store.addProcess(process(1))).isFalse();
    assertThat(store.processes()).containsExactly(process(1));
  }

  @Test
  void shouldNoteOnceThatSomethingHasLeftAProcess() {
    // given
    ConfigStore store = store();
    ProcessRow row = process(1);
    store.addProcess(row);
    // when, then
    assertThat(store.replaceProcess(row, row.withEffects())).isTrue();
    assertThat(store.expel(row, row.restarted(row.place(), "next"))).isEmpty();
    assertThat(store.process(row.process())).hasValue(row.withEffects());
  }

  @Test
  void shouldTakeAllRegionsOfAnIncarnationThatIsExpelled() {
    // given
    ConfigStore store = store();
    ProcessRow row = process(1);
    store.addProcess(row);
    store.addProcess(process(2));
    store.addRegions(List.of(region(11, 1, 0), region(12, 1, 1)), "granted");
    store.addRegions(List.of(region(13, 2, 0)), "granted");
    // when
    ProcessRow next = row.restarted(new Place(pComponent(1), new BootId(7), at(9)), "next");
    Optional<List<RegionConfig>> gone = store.expel(row, next);
    // then
    assertThat(gone).hasValue(List.of(region(11, 1, 0), region(12, 1, 1)));
    assertThat(store.regions()).containsExactly(region(13, 2, 0));
    assertThat(store.regionsOf(row.process())).isEmpty();
    assertThat(store.process(row.process())).hasValue(next);
    assertThat(store.addRegions(List.of(region(14, 1, 0)), "granted")).isTrue();
  }

  @Test
  void shouldListTheRegionsOfAProcessByIndex() {
    // given
    ConfigStore store = store();
    store.addProcess(process(1));
    // when
    store.addRegions(List.of(region(11, 1, 1), region(12, 1, 0)), "granted");
    // then
    assertThat(store.regionsOf(new ProcessId(1)))
        .containsExactly(region(12, 1, 0), region(11, 1, 1));
    assertThat(store.region(new RegionId(11))).hasValue(region(11, 1, 1));
    assertThat(store.regions()).containsExactly(region(11, 1, 1), region(12, 1, 0));
  }

  @Test
  void shouldRefuseToGrantAnIndexTwice() {
    // given
    ConfigStore store = store();
    store.addProcess(process(1));
    store.addRegions(List.of(region(11, 1, 0)), "granted");
    // when, then
    assertThat(store.addRegions(List.of(region(12, 1, 1), region(13, 1, 0)), "granted")).isFalse();
    assertThat(store.regions()).containsExactly(region(11, 1, 0));
  }

  @Test
  void shouldRefuseAChangeOfARegionThatChangedMeanwhile() {
    // given
    ConfigStore store = store();
    store.addProcess(process(1));
    RegionConfig before = region(11, 1, 0);
    store.addRegions(List.of(before), "granted");
    assertThat(change(store, before, before.reserving(20))).isTrue();
    // when, then
    assertThat(change(store, before, before.reserving(30))).isFalse();
    assertThat(change(store, before, before.rehomed(M1, List.of(), 1))).isFalse();
    assertThat(store.region(before.region())).hasValue(before.reserving(20));
  }

  @Test
  void shouldChangeAllRegionsOfAFailedComponentOrNone() {
    // given
    ConfigStore store = store();
    store.addProcess(process(1));
    List<RegionConfig> rows = List.of(region(11, 1, 0), region(12, 1, 1), region(13, 1, 2));
    store.addRegions(rows, "granted");
    RegionConfig moved = rows.get(1).learning(new Learner(M2, Learner.Purpose.HOME), 1);
    assertThat(change(store, rows.get(1), moved)).isTrue();
    // when
    boolean stale = store.change(rows.stream().map(ConfigStoreContract::failedOver).toList());
    // then
    assertThat(stale).isFalse();
    assertThat(store.regions()).containsExactly(rows.get(0), moved, rows.get(2));
    // when
    List<RegionConfig> fresh = List.of(rows.get(0), moved, rows.get(2));
    boolean stored = store.change(fresh.stream().map(ConfigStoreContract::failedOver).toList());
    // then
    assertThat(stored).isTrue();
    assertThat(store.regions()).extracting(RegionConfig::home).containsOnly(M1);
    assertThat(store.regions()).extracting(RegionConfig::epoch).containsExactly(2L, 4L, 2L);
    assertThat(store.reread(List.of(new RegionId(12))))
        .containsExactly(fresh.get(1).rehomed(M1, List.of(), 1));
  }

  @Test
  void shouldKeepEveryPartOfARow() {
    // given
    ConfigStore store = store();
    store.addProcess(process(1));
    RegionConfig row =
        RegionConfig.first(
            new RegionId(11),
            new ProcessId(1),
            3,
            5,
            1,
            M0,
            List.of(M1, place(3)),
            17,
            AckMode.LEGO,
            true);
    store.addRegions(List.of(row), "granted");
    RegionConfig next = row.learning(new Learner(M1, Learner.Purpose.HOME), 1);
    RegionConfig last = next.finished(1).lost(1);
    // when, then
    assertThat(change(store, row, next)).isTrue();
    assertThat(store.reread(List.of(row.region()))).containsExactly(next);
    assertThat(change(store, next, next.finished(1))).isTrue();
    assertThat(store.reread(List.of(row.region()))).containsExactly(next.finished(1));
    assertThat(change(store, next.finished(1), last)).isTrue();
    assertThat(store.reread(List.of(row.region()))).containsExactly(last);
  }

  @Test
  void shouldLetExactlyOneOfManyChangesAtOnceWin() throws Exception {
    // given
    ConfigStore store = store();
    store.addProcess(process(1));
    RegionConfig row = region(11, 1, 0);
    store.addRegions(List.of(row), "granted");
    // when
    List<Future<Boolean>> attempts = new ArrayList<>();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 1; i <= 16; i++) {
        RegionConfig next = row.rehomed(place(i), List.of(), 1);
        attempts.add(threads.submit(() -> change(store, row, next)));
      }
    }
    // then
    assertThat(attempts.stream().filter(Future::resultNow)).hasSize(1);
    int winner = attempts.stream().map(Future::resultNow).toList().indexOf(true) + 1;
    assertThat(store.region(row.region()).orElseThrow().home()).isEqualTo(place(winner));
  }

  static boolean change(ConfigStore store, RegionConfig expected, RegionConfig next) {
    return store.change(List.of(new ConfigChange(expected, next, "test")));
  }

  private static ConfigChange failedOver(RegionConfig row) {
    return new ConfigChange(row, row.rehomed(M1, List.of(), 1), "mcomponent-0 is silent");
  }

  static ProcessRow process(long number) {
    return new ProcessRow(
        new ProcessId(number),
        1,
        spec(null),
        new Place(pComponent(0), new BootId(1), at(7)),
        "ticket",
        false,
        AT,
        null);
  }

  static ProcessSpec spec(@Nullable String cache) {
    return new ProcessSpec(
        "p",
        "0".repeat(64),
        List.of("p", "one argument"),
        Map.of("A", "b"),
        List.of(new ProcessSpec.Directory("/", true)),
        "default",
        "",
        cache,
        "safe",
        "leap",
        "clock",
        "default",
        false,
        "fail",
        false);
  }

  static End end(int exitCode) {
    return new End(ProcessStatus.EXITED, exitCode, null, AT, Map.of("misses", 12));
  }

  static RegionConfig region(long number, long process, int index) {
    return RegionConfig.first(
        new RegionId(number),
        new ProcessId(process),
        1,
        index,
        1,
        M0,
        List.of(M1),
        16,
        AckMode.SAFE,
        false);
  }

  private static CopyPlace place(int ordinal) {
    return new CopyPlace(
        ComponentId.parse("mcomponent-" + ordinal), new BootId(100 + ordinal), at(ordinal));
  }

  private static ComponentId pComponent(int ordinal) {
    return ComponentId.parse("pcomponent-" + ordinal);
  }

  private static Endpoint at(int port) {
    return new Endpoint("127.0.0.1", 1_000 + port);
  }
}
