package org.splitrack.manager.internal.authority;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.splitrack.fabric.BootId;
import org.splitrack.fabric.ComponentId;
import org.splitrack.fabric.ProcessId;
import org.splitrack.fabric.control.ControlFault;
import org.splitrack.fabric.region.ConfigChange;
import org.splitrack.fabric.region.RegionConfig;

class PostgresConfigStoreIT extends ConfigStoreContract {
  private static final ComponentId MANAGER = ComponentId.parse("global-manager-0");
  private static final Duration SOON = Duration.ofSeconds(60);

  private final AuthorityTables tables = new AuthorityTables();
  private final Leadership leadership = leadership(new BootId(1));
  private final PostgresConfigStore store = newStore();

  @BeforeEach
  void lead() {
    store.open(leadership.step());
  }

  @AfterEach
  void close() {
    tables.close();
  }

  @Override
  ConfigStore store() {
    return store;
  }

  private PostgresConfigStore newStore() {
    return new PostgresConfigStore(
        tables.dataSource(), new Guard("PostgreSQL"), Duration.ofMillis(500));
  }

  private Leadership leadership(BootId boot) {
    return new Leadership(tables.jdbc(), new Guard("PostgreSQL"), MANAGER, boot);
  }

  @Test
  void shouldReadNothingBeforeItLeads() {
    PostgresConfigStore closed = newStore();
    assertThat(closed.leads()).isFalse();
    assertThatThrownBy(closed::runningProcesses)
        .isInstanceOfSatisfying(
            ControlFault.class,
            fault -> assertThat(fault.code()).isEqualTo(ControlFault.Code.UNAVAILABLE));
  }

  @Test
  void shouldFindAllRowsWhenTheNextManagerLeads() {
    // given
    ProcessRow running = process(1);
    ProcessRow ended = process(2);
    store.addProcess(running);
    store.addProcess(ended);
    store.expel(ended, ended.ended(end(3)));
    RegionConfig region = region(11, 1, 0);
    store.addRegions(List.of(region), "granted");
    RegionConfig next = region.rehomed(M1, List.of(), 1);
    change(store, region, next);
    // when
    PostgresConfigStore second = takeOver();
    // then
    assertThat(second.term()).isEqualTo(2);
    assertThat(second.runningProcesses()).containsExactly(running);
    assertThat(second.process(ended.process())).hasValue(ended.ended(end(3)));
    assertThat(second.regions()).containsExactly(next);
  }

  @Test
  void shouldTakeNoChangeOfALeaderWhoseTermIsOver() {
    // given
    ProcessRow row = process(1);
    store.addProcess(row);
    RegionConfig region = region(11, 1, 0);
    store.addRegions(List.of(region), "granted");
    PostgresConfigStore second = takeOver();
    // when, then
    assertThat(change(store, region, region.rehomed(M1, List.of(), 1))).isFalse();
    assertThat(store.addRegions(List.of(region(12, 1, 1)), "granted")).isFalse();
    assertThat(store.addProcess(process(2))).isFalse();
    assertThat(store.replaceProcess(row, row.withEffects())).isFalse();
    assertThat(store.expel(row, row.ended(end(0)))).isEmpty();
    assertThat(change(second, region, region.rehomed(M1, List.of(), 2))).isTrue();
    assertThat(
            tables
                .jdbc()
                .sql("SELECT count(*) FROM os_mem.region_config")
                .query(Long.class)
                .single())
        .isEqualTo(1);
  }

  @Test
  void shouldLeadOnlyAfterTheOtherHasBeenSilentByTheDatabasesClock() {
    // given
    Leadership other = leadership(new BootId(2));
    // when, then
    assertThat(other.step()).isZero();
    assertThat(leadership.step()).isEqualTo(1);
    ageLeader();
    assertThat(other.step()).isEqualTo(2);
    assertThat(leadership.step()).isZero();
    assertThat(leadership.term()).isZero();
    other.resign();
    assertThat(leadership.step()).isEqualTo(3);
    assertThat(
            tables
                .jdbc()
                .sql("SELECT term || ' ' || boot_id FROM os_res.leader_history ORDER BY term")
                .query(String.class)
                .list())
        .containsExactly("1 " + new BootId(1), "2 " + new BootId(2), "3 " + new BootId(1));
  }

  @Test
  void shouldWriteTheHistoryOfARegionWithItsChanges() {
    // given
    ProcessRow row = process(1);
    store.addProcess(row);
    RegionConfig first = region(11, 1, 0);
    store.addRegions(List.of(first), "granted");
    change(store, first, first.reserving(20));
    RegionConfig second = first.reserving(20).rehomed(M1, List.of(), 1);
    store.change(List.of(new ConfigChange(first.reserving(20), second, "mcomponent-0 is silent")));
    assertThat(change(store, first, first.rehomed(M2, List.of(), 1))).isFalse();
    // when
    store.expel(row, row.ended(end(0)));
    // then
    assertThat(
            tables
                .jdbc()
                .sql(
                    """
                    SELECT concat_ws(' ', epoch, term, home, secondaries, reason,
                                     upper_inf(valid), lower(valid) <= upper(valid))
                      FROM os_mem.region_history WHERE region = 11 ORDER BY epoch
                    """)
                .query(String.class)
                .list())
        .containsExactly(
            "1 1 mcomponent-0 {mcomponent-1} granted f t",
            "2 1 mcomponent-1 {} mcomponent-0 is silent f t");
    assertThat(
            tables
                .jdbc()
                .sql("SELECT state FROM os_sched.process_history ORDER BY change")
                .query(String.class)
                .list())
        .containsExactly("running", "exited");
  }

  @Test
  void shouldHaveEveryAcknowledgedChangeWhenPostgresReturnsFromAKill() throws Exception {
    // given
    store.addProcess(process(1));
    List<RegionConfig> rows =
        LongStream.rangeClosed(1, 8).mapToObj(i -> region(i, 1, (int) i - 1)).toList();
    store.addRegions(rows, "granted");
    AtomicReference<List<RegionConfig>> acknowledged = new AtomicReference<>(rows);
    Thread writer =
        Thread.ofVirtual()
            .start(
                () -> {
                  while (!Thread.currentThread().isInterrupted()) {
                    List<ConfigChange> changes = new ArrayList<>();
                    for (RegionConfig row : acknowledged.get()) {
                      RegionConfig next =
                          row.rehomed(row.home().equals(M0) ? M1 : M0, List.of(), 1);
                      changes.add(new ConfigChange(row, next, "again"));
                    }
                    if (!store.change(changes)) {
                      return;
                    }
                    acknowledged.set(changes.stream().map(ConfigChange::next).toList());
                  }
                });
    await().atMost(SOON).until(() -> acknowledged.get().getFirst().epoch() > 20);
    // when
    AuthorityTables.server().kill();
    writer.join(SOON);
    assertThat(writer.isAlive()).isFalse();
    AuthorityTables.server().restart();
    // then
    PostgresConfigStore second = awaitTakeOver();
    long epoch = acknowledged.get().getFirst().epoch();
    assertThat(second.regions()).extracting(RegionConfig::epoch).containsOnly(epochIn(second));
    assertThat(epochIn(second)).isBetween(epoch, epoch + 1);
  }

  private static long epochIn(ConfigStore store) {
    return store.regions().iterator().next().epoch();
  }

  @Test
  void shouldWaitForAPostgresThatIsAwayAndFailInOneLineWhenItStaysAway() {
    // given
    store.addProcess(process(1));
    AuthorityTables.server().kill();
    try {
      // when, then
      assertThatThrownBy(() -> store.addProcess(process(2)))
          .isInstanceOfSatisfying(
              ControlFault.class,
              fault -> {
                assertThat(fault.code()).isEqualTo(ControlFault.Code.UNAVAILABLE);
                assertThat(fault.getMessage())
                    .startsWith("PostgreSQL does not answer")
                    .doesNotContain("\n");
              });
      assertThat(store.process(new ProcessId(1))).hasValue(process(1));
    } finally {
      AuthorityTables.server().restart();
    }
    await()
        .atMost(SOON)
        .ignoreExceptions()
        .untilAsserted(() -> assertThat(store.addProcess(process(3))).isTrue());
  }

  @Test
  void shouldTakeForMadeAChangeWhoseAnswerNeverCame() {
    // given
    store.addProcess(process(1));
    RegionConfig row = region(11, 1, 0);
    PostgresConfigStore twin = newStore();
    twin.open(leadership.term());
    assertThat(twin.addRegions(List.of(row), "granted")).isTrue();
    // when, then
    assertThat(store.addRegions(List.of(row), "granted")).isTrue();
    assertThat(change(twin, row, row.rehomed(M1, List.of(), 1))).isTrue();
    assertThat(change(store, row, row.rehomed(M1, List.of(), 1))).isTrue();
    assertThat(
            change(
                store,
                row.rehomed(M1, List.of(), 1),
                row.rehomed(M1, List.of(), 1).rehomed(M0, List.of(), 1)))
        .isTrue();
  }

  @Test
  void shouldReadRowsAgainThatTurnOutToBeOthers() {
    // given
    store.addProcess(process(1));
    RegionConfig row = region(11, 1, 0);
    store.addRegions(List.of(row), "granted");
    PostgresConfigStore twin = newStore();
    twin.open(leadership.term());
    change(twin, row, row.rehomed(M1, List.of(), 1));
    // when
    assertThat(change(store, row, row.rehomed(M2, List.of(), 1))).isFalse();
    // then
    assertThat(store.region(row.region())).hasValue(row.rehomed(M1, List.of(), 1));
  }

  private PostgresConfigStore takeOver() {
    ageLeader();
    PostgresConfigStore next = newStore();
    next.open(leadership(new BootId(2)).step());
    return next;
  }

  private PostgresConfigStore awaitTakeOver() {
    AtomicReference<PostgresConfigStore> next = new AtomicReference<>();
    await()
        .atMost(SOON)
        .ignoreExceptions()
        .until(
            () -> {
              next.set(takeOver());
              return true;
            });
    return next.get();
  }

  private void ageLeader() {
    tables.jdbc().sql("UPDATE os_res.leader SET renewed_at = now() - interval '3 s'").update();
  }
}
