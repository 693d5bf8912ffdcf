package org.splitrack.manager.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.assertj.core.api.ThrowingConsumer;
import org.awaitility.core.ThrowingRunnable;
import org.junit.jupiter.api.Test;
import org.splitrack.fabric.ComponentId;
import org.splitrack.fabric.ProcessId;
import org.splitrack.fabric.RegionId;
import org.splitrack.fabric.control.ControlFault;
import org.splitrack.fabric.control.ControlFault.Code;
import org.splitrack.fabric.control.MemoryCalls.InstallRegions;
import org.splitrack.fabric.control.MemoryCalls.ResolveRegions;
import org.splitrack.fabric.control.MemoryCalls.Stall;
import org.splitrack.fabric.control.MemoryCalls.StalledAccess;
import org.splitrack.fabric.control.MemoryCalls.SuspectHome;
import org.splitrack.fabric.control.ProcessCalls.FirstEffect;
import org.splitrack.fabric.region.AccessGrant;
import org.splitrack.fabric.region.AckMode;
import org.splitrack.fabric.region.CopyPlace;
import org.splitrack.fabric.region.CopyRole;
import org.splitrack.fabric.region.RegionConfig;
import org.splitrack.fabric.report.StateChange.Event;
import org.splitrack.fabric.report.StateChange.FailoverState;
import org.splitrack.fabric.report.StateChange.RegionState;
import org.splitrack.manager.internal.authority.MigrationTask;
import org.splitrack.manager.internal.authority.MigrationTask.State;
import org.splitrack.manager.internal.authority.ProcessRow;
import org.splitrack.manager.internal.authority.ProcessRow.End;
import org.splitrack.manager.internal.authority.ProcessStatus;
import org.splitrack.manager.internal.membership.MemberState;

/** Two copies of each region, over real calls: what follows when one is lost, and moves. */
class ReplicationOverTheWireTest extends OverTheWire {

  @Test
  void shouldKeepTwoCopiesOfASafeRegionAndOneOfOthers() {
    // when
    AccessGrant safe = processor.grow(run("safe"), 0, REGION).grants().getFirst();
    AccessGrant none = processor.grow(run("none"), 0, REGION).grants().getFirst();
    // then
    RegionConfig row = row(safe.region());
    assertThat(row.secondaries()).hasSize(1);
    assertThat(memory(row.home()).config(row.region())).isEqualTo(row);
    assertThat(memory(row.secondaries().getFirst()).config(row.region())).isEqualTo(row);
    assertThat(row(none.region()).secondaries()).isEmpty();
    assertThat(manager.reporter.changes(RegionState.class))
        .extracting(RegionState::copies, RegionState::copiesWanted, RegionState::protection)
        .containsExactly(
            org.assertj.core.groups.Tuple.tuple(2, 2, "pod"),
            org.assertj.core.groups.Tuple.tuple(1, 1, "none"));
  }

  @Test
  void shouldRefuseMemoryCleanlyWhenThereIsRoomForOneCopyOnly() {
    // given
    ProcessId process = run("safe");
    memories.get(1).hiddenPages = 16L * REGION;
    memories.get(2).hiddenPages = 16L * REGION;
    // when, then
    assertThatThrownBy(() -> processor.grow(process, 0, 2 * REGION))
        .isInstanceOfSatisfying(
            ControlFault.class, fault -> assertThat(fault.code()).isEqualTo(Code.FULL))
        .hasMessageContaining("no two mComponents have room for its two copies");
    eventually(() -> assertThat(memories.getFirst().reservedPages()).isZero());
    assertThat(manager.store.regions()).isEmpty();
    assertThat(processor.grow(run("none"), 0, 2 * REGION).grants()).hasSize(2);
  }

  @Test
  void shouldNotCallTheRackFullBeforeAllHaveHadTheTimeToRegister() {
    // given
    ProcessId process = run("safe");
    memories.get(1).hiddenPages = 16L * REGION;
    memories.get(2).hiddenPages = 16L * REGION;
    // when
    manager.membership.listen();
    // then
    assertThatThrownBy(() -> processor.grow(process, 0, 2 * REGION))
        .isInstanceOfSatisfying(
            ControlFault.class, fault -> assertThat(fault.code()).isEqualTo(Code.UNAVAILABLE))
        .hasMessageContaining("which has just begun to lead");
  }

  @Test
  void shouldRaiseAReservationOnBothCopies() {
    // given
    ProcessId process = run("safe");
    AccessGrant small = processor.grow(process, 0, 16).grants().getFirst();
    // when
    AccessGrant grown = processor.grow(process, 16, 48).grants().getFirst();
    // then
    RegionConfig row = row(small.region());
    assertThat(grown.reservedPages()).isEqualTo(48);
    assertThat(memory(row.home()).reserved()).containsEntry(row.region(), 48);
    assertThat(memory(row.secondaries().getFirst()).reserved()).containsEntry(row.region(), 48);
    assertThat(row.epoch()).isEqualTo(1);
  }

  @Test
  void shouldMakeTheSecondCopyHomeAndAThirdComponentTheNewCopyWhenAHomeDies() {
    // given
    ProcessId process = run("safe");
    List<AccessGrant> grants = processor.grow(process, 0, 6 * REGION).grants();
    RegionConfig before = row(grants.getFirst().region());
    FakeMemory home = memory(before.home());
    // when
    home.close();
    processor.tell(new SuspectHome(before.region(), 1, before.home(), true));
    // then
    eventually(
        () ->
            assertThat(manager.store.regionsOf(process))
                .allSatisfy(
                    row -> {
                      assertThat(row.secondaries()).hasSize(1);
                      assertThat(row.learner()).isNull();
                      assertThat(row.home()).isNotEqualTo(before.home());
                      assertThat(row.secondaries()).doesNotContain(before.home());
                    }));
    RegionConfig after = row(before.region());
    assertThat(after.home()).isEqualTo(before.secondaries().getFirst());
    eventually(
        () ->
            assertThat(processor.grants.get(after.region()))
                .isEqualTo(row(after.region()).grant()));
    eventually(() -> assertThat(manager.eventNames()).contains("region_protected"));
    Event failedOver = event("region_failed_over", before.region());
    assertThat(failedOver.message())
        .isEqualTo(
            "region "
                + before.region()
                + ": home "
                + home.component()
                + " → "
                + after.home().component()
                + " (epoch 1→2, "
                + home.component()
                + " silent)");
    assertThat(causes(event("region_protected", before.region())))
        .containsExactly(
            "region_protected",
            "region_copying",
            "region_sealed",
            "region_failed_over",
            "component_down",
            "component_suspected",
            "component_up");
    eventually(
        () ->
            assertThat(manager.reporter.changes(FailoverState.class).getLast())
                .satisfies(
                    failover -> {
                      assertThat(failover.component()).isEqualTo(home.component().toString());
                      assertThat(failover.regions()).isGreaterThanOrEqualTo(2);
                      assertThat(failover.sealedAt()).isAfterOrEqualTo(failover.suspectedAt());
                      assertThat(failover.protectedAt()).isAfterOrEqualTo(failover.committedAt());
                    }));
    assertThat(manager.store.process(process).orElseThrow().isRunning()).isTrue();
  }

  /** No time passes for the manager's judge of silence. */
  @Test
  void shouldFailOverFromAHomeWhosePodIsDeletedBeforeItsHeartbeatsAreMissed() {
    RegionConfig before = row(processor.grow(run("safe"), 0, REGION).grants().getFirst().region());
    FakeMemory home = memory(before.home());
    home.close();

    manager
        .parts
        .reactions()
        .doubt(home.component(), home.endpoint().host(), "its pod was deleted");

    eventually(
        () -> assertThat(row(before.region()).home()).isEqualTo(before.secondaries().getFirst()));
    assertThat(manager.reporter.changes(Event.class))
        .extracting(Event::message)
        .anyMatch(line -> line.contains(home.component() + " is suspected: its pod was deleted"));
  }

  @Test
  void shouldKeepAHomeThatAnswersWhateverIsSaidOfItsPod() {
    RegionConfig before = row(processor.grow(run("safe"), 0, REGION).grants().getFirst().region());
    FakeMemory home = memory(before.home());

    manager.parts.reactions().doubt(home.component(), "10.9.9.9", "its pod was deleted");
    assertThat(manager.membership.member(home.component()).orElseThrow().isUp()).isTrue();
    manager
        .parts
        .reactions()
        .doubt(home.component(), home.endpoint().host(), "its pod is not ready");
    assertThat(manager.membership.member(home.component()).orElseThrow().isUp()).isFalse();

    // The doubt itself is told on another thread, and may come after the first beat.
    eventually(
        () -> {
          home.beat(List.of());
          assertThat(manager.membership.member(home.component()).orElseThrow().isUp()).isTrue();
        });
    assertThat(row(before.region())).isEqualTo(before);
  }

  @Test
  void shouldTellTheLongestWaitOverAFailure() {
    // given
    ProcessId process = run("safe");
    List<AccessGrant> grants = processor.grow(process, 0, 6 * REGION).grants();
    RegionConfig hit = row(grants.getFirst().region());
    RegionId spared =
        manager.store.regionsOf(process).stream()
            .filter(row -> row.roleOf(hit.home().boot()) == CopyRole.NONE)
            .findFirst()
            .orElseThrow()
            .region();
    memory(hit.home()).close();
    processor.tell(new SuspectHome(hit.region(), 1, hit.home(), true));
    eventually(() -> assertThat(row(hit.region()).home()).isNotEqualTo(hit.home()));
    // when
    processor.tell(
        new StalledAccess(
            process, List.of(new Stall(spared, 900_000), new Stall(hit.region(), 250_000))));
    processor.tell(new StalledAccess(process, List.of(new Stall(hit.region(), 120_000))));
    // then what had to do with it counts, and of that the longest
    eventually(
        () ->
            assertThat(manager.reporter.changes(FailoverState.class).getLast().stallMsMax())
                .isEqualTo(250.0));
  }

  @Test
  void shouldGiveTheProcessItsNewGrantsWhenItAsks() {
    // given
    ProcessId process = run("safe");
    RegionConfig before = row(processor.grow(process, 0, REGION).grants().getFirst().region());
    memory(before.home()).close();
    // when
    processor.tell(new SuspectHome(before.region(), 1, before.home(), true));
    // then
    ResolveRegions question = new ResolveRegions(process, 1, List.of(before.region()));
    eventually(
        () ->
            assertThat(processor.tell(question).grants().getFirst().home())
                .isEqualTo(before.secondaries().getFirst()));
    assertThatThrownBy(
            () -> processor.tell(new ResolveRegions(process, 2, List.of(before.region()))))
        .isInstanceOfSatisfying(
            ControlFault.class, fault -> assertThat(fault.code()).isEqualTo(Code.DENIED));
  }

  @Test
  void shouldKnowARestartedMComponentByItsBootAndUseItAgain() throws IOException {
    // given
    ProcessId process = run("safe");
    RegionConfig before = row(processor.grow(process, 0, REGION).grants().getFirst().region());
    FakeMemory secondary = memory(before.secondaries().getFirst());
    int ordinal = secondary.component().ordinal();
    // when
    secondary.close();
    memories.set(ordinal, new FakeMemory(manager, ordinal, 16L * REGION));
    // then
    eventually(
        () ->
            assertThat(row(before.region()))
                .satisfies(
                    row -> {
                      assertThat(row.home()).isEqualTo(before.home());
                      assertThat(row.secondaries()).hasSize(1);
                      assertThat(row.secondaries()).isNotEqualTo(before.secondaries());
                    }));
    assertThat(event("region_copy_lost", before.region()).message())
        .isEqualTo(
            "region "
                + before.region()
                + ": copy on "
                + secondary.component()
                + " given up (epoch 1→2, "
                + secondary.component()
                + " restarted empty)");
  }

  @Test
  void shouldLoseAProcessWhenAllCopiesOfARegionAreProvenGone() throws IOException {
    // given
    ProcessId process = run("safe");
    RegionConfig before = row(processor.grow(process, 0, REGION).grants().getFirst().region());
    memories.forEach(FakeComponent::close);
    // when
    for (int i = 0; i < 3; i++) {
      memories.set(i, new FakeMemory(manager, i, 16L * REGION));
    }
    // then
    ProcessRow row = manager.parts.ends().awaitEnd(process, SOON).orElseThrow();
    assertThat(row.end())
        .isNotNull()
        .extracting(End::status, End::exitCode)
        .containsExactly(ProcessStatus.LOST, 125);
    assertThat(Objects.requireNonNull(row.end()).reason())
        .startsWith("region " + before.region() + " is lost: ")
        .endsWith("and no copy is left");
    assertThat(manager.store.regions()).isEmpty();
  }

  @Test
  void shouldLetAProcessWaitWhoseSecondCopyLivesWhileNoFailoverCanBeStored() {
    // given
    ProcessId process = run("safe");
    RegionConfig before = row(processor.grow(process, 0, REGION).grants().getFirst().region());
    manager.lead.refuseChanges(true);
    FakeMemory home = memory(before.home());
    // when
    home.close();
    pass(11_000, List.of(processor), others(home));
    // then
    assertThat(manager.store.process(process).orElseThrow().isRunning()).isTrue();
    manager.lead.refuseChanges(false);
    eventually(
        () -> assertThat(row(before.region()).home()).isEqualTo(before.secondaries().getFirst()));
    assertThat(manager.store.process(process).orElseThrow().isRunning()).isTrue();
  }

  @Test
  void shouldLoseAProcessWhenAllThatHeldARegionHaveBeenSilentForTooLong() {
    // given
    ProcessId process = run("safe");
    RegionConfig before = row(processor.grow(process, 0, REGION).grants().getFirst().region());
    manager.lead.refuseChanges(true);
    FakeMemory home = memory(before.home());
    FakeMemory second = memory(before.secondaries().getFirst());
    home.close();
    pass(11_000, List.of(processor), others(home));
    // when
    second.close();
    pass(11_000, List.of(processor), others(home, second));
    // then
    ProcessRow row = manager.parts.ends().awaitEnd(process, SOON).orElseThrow();
    assertThat(row.status()).isEqualTo(ProcessStatus.LOST);
    assertThat(Objects.requireNonNull(row.end()).reason())
        .startsWith(second.component() + " has said nothing for ")
        .endsWith(" s and held the last copy of 1 of its regions");
  }

  @Test
  void shouldEndTheProcessesOfAPComponentThatDiesWhileAnotherIsDeadAlready() throws IOException {
    FakeProcessor other = new FakeProcessor(manager, 1);
    try (FakeProcessor survivor = new FakeProcessor(manager, 2)) {
      // given
      List<ProcessId> processes = List.of(run("none"), run("none"), run("none"));
      ProcessId process = other.running.iterator().next();
      assertThat(processes).contains(process);
      processor.close();
      pass(3_100, List.of(other, survivor), memories);
      // when
      other.close();
      pass(3_100, List.of(survivor), memories);
      // then
      ProcessRow row = manager.parts.ends().awaitEnd(process, SOON).orElseThrow();
      assertThat(row.end())
          .isNotNull()
          .extracting(End::exitCode, End::reason)
          .containsExactly(137, "its pComponent pcomponent-1 is down");
    }
  }

  @Test
  void shouldMoveARegionWhileItsProcessRuns() {
    // given
    ProcessId process = run("safe");
    RegionConfig before = row(processor.grow(process, 0, REGION).grants().getFirst().region());
    FakeMemory target = other(before);
    // when
    MigrationTask task =
        manager.parts.migrationCommands().migrate(before.region(), target.component());
    // then
    eventually(
        () ->
            assertThat(manager.parts.migrationCommands().require(task.migration()).state())
                .isEqualTo(State.DONE));
    RegionConfig after = row(before.region());
    assertThat(after.home().component()).isEqualTo(target.component());
    assertThat(after.secondaries()).isEqualTo(before.secondaries());
    assertThat(after.epoch()).isEqualTo(3);
    eventually(
        () -> assertThat(memory(before.home()).reserved()).doesNotContainKey(before.region()));
    eventually(() -> assertThat(processor.grants.get(after.region())).isEqualTo(after.grant()));
    assertThat(event("migration_done", before.region()).message())
        .isEqualTo(
            "region "
                + before.region()
                + ": home "
                + before.home().component()
                + " → "
                + target.component()
                + " (epoch 1→3, migration "
                + task.migration()
                + ", 2 pages, write pause 0.8 ms)");
    assertThat(causes(event("migration_done", before.region())))
        .containsExactly("migration_done", "migration_started");
  }

  @Test
  void shouldGiveAMigrationUpWhenAskedInTime() {
    // given
    ProcessId process = run("safe");
    RegionConfig before = row(processor.grow(process, 0, REGION).grants().getFirst().region());
    FakeMemory target = other(before);
    memory(before.home()).slow = true;
    long migration =
        manager.parts.migrationCommands().migrate(before.region(), target.component()).migration();
    eventually(() -> assertThat(row(before.region()).isMigrating()).isTrue());
    // when
    manager.parts.migrationCommands().abort(migration);
    // then
    eventually(
        () ->
            assertThat(manager.parts.migrationCommands().require(migration))
                .extracting(MigrationTask::state, MigrationTask::error)
                .containsExactly(State.ABORTED, "aborted by command"));
    assertThat(row(before.region()))
        .extracting(RegionConfig::home, RegionConfig::secondaries, RegionConfig::epoch)
        .containsExactly(before.home(), before.secondaries(), 4L);
    eventually(() -> assertThat(target.reservedPages()).isZero());
    assertThatThrownBy(() -> manager.parts.migrationCommands().abort(migration))
        .hasMessage("migration " + migration + " is over: aborted");
  }

  @Test
  void shouldRefuseMigrationsThatCannotBeWithTheReason() {
    // given
    RegionConfig row = row(processor.grow(run("safe"), 0, REGION).grants().getFirst().region());
    FakeMemory target = other(row);
    ComponentId home = row.home().component();
    // when, then
    refused(Code.NOT_FOUND, "there is no region 99", new RegionId(99), target.component());
    refused(
        Code.EXISTS, "region " + row.region() + " is on " + home + " already", row.region(), home);
    refused(
        Code.BAD_REQUEST,
        "pcomponent-0 is no mComponent",
        row.region(),
        ComponentId.parse("pcomponent-0"));
    refused(
        Code.NOT_FOUND,
        "there is no component mcomponent-9",
        row.region(),
        ComponentId.parse("mcomponent-9"));
    processor.grow(run("none"), 0, 14 * REGION);
    processor.grow(run("none"), 0, 14 * REGION);
    processor.grow(run("none"), 0, 14 * REGION);
    processor.grow(run("none"), 0, 4 * REGION);
    refused(
        Code.FULL,
        target.component()
            + " is full: region "
            + row.region()
            + " needs 4096 pages and 0 are free",
        row.region(),
        target.component());
    target.close();
    CopyPlace gone = new CopyPlace(target.component(), target.boot(), target.endpoint());
    processor.tell(new SuspectHome(row.region(), 1, gone, true));
    eventually(
        () ->
            assertThat(manager.membership.member(target.component()).orElseThrow().state())
                .isEqualTo(MemberState.DOWN));
    refused(
        Code.UNAVAILABLE,
        target.component() + " is down and takes no region",
        row.region(),
        target.component());
  }

  @Test
  void shouldEndAMigrationWhoseTargetTurnsOutToBeFull() {
    // given
    RegionConfig row = row(processor.grow(run("safe"), 0, REGION).grants().getFirst().region());
    FakeMemory target = other(row);
    target.hiddenPages = 16L * REGION;
    // when
    long migration =
        manager.parts.migrationCommands().migrate(row.region(), target.component()).migration();
    // then
    eventually(
        () ->
            assertThat(manager.parts.migrationCommands().require(migration))
                .extracting(MigrationTask::state, MigrationTask::error)
                .containsExactly(State.FAILED, target.component() + " is full"));
    assertThat(row(row.region())).isEqualTo(row);
  }

  @Test
  void shouldSayWhichRegionsTheNextKillWouldTake() {
    // given
    processor.grow(run("safe"), 0, 2 * REGION);
    eventually(
        () -> assertThat(manager.parts.migrationCommands().unprotected()).hasValue(List.of()));
    // when
    AccessGrant none = processor.grow(run("none"), 0, REGION).grants().getFirst();
    // then
    assertThat(manager.parts.migrationCommands().unprotected()).hasValue(List.of(none.region()));
  }

  @Test
  void shouldReleaseWhatAnMComponentHoldsAndNobodyKnowsOf() {
    // given
    RegionConfig known = row(processor.grow(run("none"), 0, REGION).grants().getFirst().region());
    FakeMemory memory = memory(known.home());
    RegionConfig orphan =
        RegionConfig.first(
            new RegionId(5_000),
            known.process(),
            1,
            1,
            1,
            known.home(),
            List.of(),
            7,
            AckMode.NONE,
            false);
    memory.tellItself(new InstallRegions(memory.boot(), 1, List.of(orphan)));
    assertThat(memory.reserved()).containsKey(orphan.region());
    // when
    manager.parts.calls().compareCopies();
    // then
    eventually(() -> assertThat(memory.reserved()).containsOnlyKeys(known.region()));
  }

  @Test
  void shouldRunAProcessAgainElsewhereWhenNothingHasLeftIt() throws IOException {
    try (FakeProcessor other = new FakeProcessor(manager, 1)) {
      // given
      ProcessId process = runRestartable();
      FakeProcessor first = processor.running.contains(process) ? processor : other;
      FakeProcessor second = first.equals(processor) ? other : processor;
      RegionId region = first.grow(process, 0, REGION).grants().getFirst().region();
      // when
      first.close();
      silenceOf(first, second);
      // then
      eventually(() -> assertThat(second.running).contains(process));
      ProcessRow row = manager.store.process(process).orElseThrow();
      assertThat(row.isRunning()).isTrue();
      assertThat(row.incarnation()).isEqualTo(2);
      assertThat(second.starts.getLast().incarnation()).isEqualTo(2);
      assertThat(manager.store.region(region)).isEmpty();
      assertThat(manager.eventNames()).contains("process_restarted");
    }
  }

  @Test
  void shouldRunAProcessAgainElsewhereWhenTheAnswerToItsExpulsionGetsLost() throws IOException {
    try (FakeProcessor other = new FakeProcessor(manager, 1)) {
      // given
      ProcessId process = runRestartable();
      FakeProcessor first = processor.running.contains(process) ? processor : other;
      FakeProcessor second = first.equals(processor) ? other : processor;
      manager.lead.loseTheAnswerToAnExpulsion();
      // when
      first.close();
      silenceOf(first, second);
      // then
      eventually(() -> assertThat(second.running).contains(process));
      assertThat(second.starts)
          .singleElement()
          .satisfies(
              start -> {
                ProcessRow row = manager.store.process(process).orElseThrow();
                assertThat(start.incarnation()).isEqualTo(2);
                assertThat(start.ticket()).isEqualTo(row.ticket());
              });
    }
  }

  @Test
  void shouldNotRunAProcessAgainThatSomethingHasLeft() throws IOException {
    try (FakeProcessor other = new FakeProcessor(manager, 1)) {
      // given
      ProcessId process = runRestartable();
      FakeProcessor first = processor.running.contains(process) ? processor : other;
      FakeProcessor second = first.equals(processor) ? other : processor;
      first.tell(new FirstEffect(process, 1, "output"));
      first.tell(new FirstEffect(process, 1, "output"));
      assertThatThrownBy(() -> second.tell(new FirstEffect(process, 1, "output")))
          .isInstanceOfSatisfying(
              ControlFault.class, fault -> assertThat(fault.code()).isEqualTo(Code.DENIED));
      // when
      first.close();
      silenceOf(first, second);
      // then
      ProcessRow row = manager.parts.ends().awaitEnd(process, SOON).orElseThrow();
      assertThat(row.end())
          .isNotNull()
          .extracting(End::exitCode, End::reason)
          .containsExactly(
              137, "its pComponent " + first.component() + " is down, and something had left it");
      assertThat(second.running).isEmpty();
    }
  }

  private void silenceOf(FakeProcessor silent, FakeProcessor alive) {
    pass(3_100, List.of(alive), memories);
    assertThat(manager.membership.member(silent.component()).orElseThrow().isUp()).isFalse();
  }

  /** Time in which only these are heard. */
  private void pass(long ms, List<FakeProcessor> processors, List<FakeMemory> heard) {
    for (long i = 0; i < ms; i += 100) {
      manager.silence(100);
      processors.forEach(
          alive -> alive.beat(alive.running.stream().map(ProcessId::value).toList()));
      heard.forEach(memory -> memory.beat(List.of()));
    }
  }

  private List<FakeMemory> others(FakeMemory... silent) {
    return memories.stream().filter(memory -> !List.of(silent).contains(memory)).toList();
  }

  private ProcessId runRestartable() {
    return manager.parts.starts().start(manager.program("a", "none", "restart")).process();
  }

  private void refused(Code code, String message, RegionId region, ComponentId target) {
    ThrowingConsumer<ControlFault> refusal = fault -> assertThat(fault.code()).isEqualTo(code);
    assertThatThrownBy(() -> manager.parts.migrationCommands().migrate(region, target))
        .isInstanceOfSatisfying(ControlFault.class, refusal)
        .hasMessage(message);
  }

  private static void eventually(ThrowingRunnable assertion) {
    await().atMost(SOON).untilAsserted(assertion);
  }

  private RegionConfig row(RegionId region) {
    return manager.store.region(region).orElseThrow();
  }

  private FakeMemory memory(CopyPlace place) {
    return memories.get(place.component().ordinal());
  }

  /** The one that has no copy. */
  private FakeMemory other(RegionConfig row) {
    return memories.stream()
        .filter(memory -> row.roleOf(memory.boot()) == org.splitrack.fabric.region.CopyRole.NONE)
        .findFirst()
        .orElseThrow();
  }

  private Event event(String kind, RegionId region) {
    return manager.reporter.changes(Event.class).stream()
        .filter(event -> event.name().equals(kind))
        .filter(event -> Objects.equals(event.region(), region.value()))
        .findFirst()
        .orElseThrow();
  }

  /** Kinds of an event and of all that led to it. */
  private List<String> causes(Event event) {
    List<String> kinds = new ArrayList<>();
    Event next = event;
    while (true) {
      kinds.add(next.name());
      Long cause = next.cause();
      if (cause == null) {
        return kinds;
      }
      next = (Event) manager.reporter.changes().get((int) (cause - 1));
    }
  }
}
