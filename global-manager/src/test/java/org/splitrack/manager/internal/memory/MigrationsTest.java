package org.splitrack.manager.internal.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.splitrack.fabric.BootId;
import org.splitrack.fabric.ComponentId;
import org.splitrack.fabric.Endpoint;
import org.splitrack.fabric.ProcessId;
import org.splitrack.fabric.RegionId;
import org.splitrack.fabric.control.ControlFault;
import org.splitrack.fabric.region.AckMode;
import org.splitrack.fabric.region.CopyPlace;
import org.splitrack.fabric.region.Learner;
import org.splitrack.fabric.region.RegionConfig;
import org.splitrack.fabric.report.StateChange.MigrationState;
import org.splitrack.fabric.testkit.RecordingStateReporter;
import org.splitrack.manager.internal.authority.MigrationLog;
import org.splitrack.manager.internal.authority.MigrationTask;
import org.splitrack.manager.internal.authority.MigrationTask.State;
import org.splitrack.manager.internal.authority.NumberSupply;
import org.splitrack.manager.internal.memory.Migrations.Wanted;
import org.splitrack.manager.internal.report.RackReports;

class MigrationsTest {
  private static final RegionId REGION = new RegionId(7);
  private static final CopyPlace M0 = place(0);
  private static final CopyPlace M1 = place(1);
  private static final Wanted WANTED = new Wanted(REGION, M0.component(), M1.component());

  private final RecordingStateReporter reporter = new RecordingStateReporter();
  private final Kept log = new Kept();
  private final NumberSupply numbers =
      new NumberSupply(
          "migration numbers", count -> LongStream.range(1, 1 + count).boxed().toList(), () -> {});
  private final Migrations migrations =
      new Migrations(
          log,
          numbers,
          new RackReports(reporter, component -> ""),
          InstantSource.fixed(Instant.EPOCH));

  /** What is stored, in the order of storing. */
  private static final class Kept implements MigrationLog {
    final List<MigrationTask> stored = new ArrayList<>();
    final List<MigrationTask> open = new ArrayList<>();
    final List<MigrationTask> ended = new ArrayList<>();
    boolean away;

    @Override
    public void put(List<MigrationTask> tasks) {
      if (away) {
        throw new ControlFault(ControlFault.Code.UNAVAILABLE, "PostgreSQL does not answer");
      }
      stored.addAll(tasks);
    }

    @Override
    public List<MigrationTask> open() {
      return open;
    }

    @Override
    public List<MigrationTask> ended(int limit) {
      return ended.stream().limit(limit).toList();
    }
  }

  @BeforeEach
  void fill() {
    numbers.fill();
  }

  @Test
  void shouldTellHowAMigrationGoesOn() {
    // when
    MigrationTask task = begin();
    migrations.copying(REGION);
    migrations.handedOff(REGION, 8_192, 2, 1_500);
    migrations.handedOff(REGION, 8_192, 2, 1_500);
    assertThat(migrations.end(REGION, null)).isPresent();
    // then
    assertThat(reporter.changes(MigrationState.class))
        .extracting(MigrationState::state)
        .containsExactly("reserving", "copying", "handing_off", "done");
    assertThat(migrations.require(task.migration()).asReported())
        .extracting(MigrationState::bytes, MigrationState::rounds, MigrationState::writePauseMs)
        .containsExactly(8_192L, 2, 1.5);
    assertThat(migrations.end(REGION, null)).isEmpty();
  }

  @Test
  void shouldKeepTheLongestPauseThatWasReported() {
    // when
    MigrationTask task = begin();
    migrations.handedOff(REGION, 8_192, 2, 1_500);
    migrations.handedOff(REGION, 8_192, 2, 201_500);
    migrations.handedOff(REGION, 8_192, 2, 0);
    migrations.end(REGION, null);
    // then
    assertThat(migrations.require(task.migration()).asReported().writePauseMs()).isEqualTo(201.5);
  }

  @Test
  void shouldRefuseASecondMigrationOfARegion() {
    begin();
    assertThat(migrations.begin(List.of(WANTED), "requested")).isEmpty();
  }

  @Test
  void shouldForgetAMigrationThatTheAuthorityDoesNotTake() {
    // given
    log.away = true;
    assertThatThrownBy(this::begin).isInstanceOf(ControlFault.class);
    assertThat(migrations.all()).isEmpty();
    // when
    log.away = false;
    // then
    assertThat(begin().state()).isEqualTo(State.RESERVING);
  }

  @Test
  void shouldStoreAnEndOnceTheAuthorityTakesIt() {
    // given
    MigrationTask task = begin();
    log.away = true;
    migrations.aborting(task.migration());
    assertThat(migrations.end(REGION, "aborted by command")).isPresent();
    migrations.step();
    assertThat(log.stored).hasSize(1);
    // when
    log.away = false;
    migrations.step();
    migrations.step();
    // then
    assertThat(log.stored)
        .extracting(MigrationTask::state)
        .containsExactly(State.RESERVING, State.ABORTED);
  }

  @Test
  void shouldGoOnWithWhatAnEarlierLeaderBeganAsTheRowsSay() {
    // given
    RegionConfig still = row(1).learning(new Learner(M1, Learner.Purpose.HOME), 1);
    RegionConfig there = row(2).learning(new Learner(M1, Learner.Purpose.HOME), 1).finished(1);
    RegionConfig never = row(3);
    for (long region = 1; region <= 4; region++) {
      log.open.add(task(region));
    }
    // when
    migrations.onLeading(List.of(still, there, never));
    // then
    assertThat(migrations.all())
        .extracting(MigrationTask::state)
        .containsExactly(State.FAILED, State.FAILED, State.DONE, State.COPYING);
    assertThat(migrations.end(new RegionId(1), null)).isPresent();
  }

  @Test
  void shouldKnowWhatEndedUnderAnEarlierLeader() {
    // given
    log.ended.add(task(7).ended(State.FAILED, "the target is full", Instant.EPOCH));
    // when
    migrations.onLeading(List.of());
    // then
    assertThat(migrations.require(7).error()).isEqualTo("the target is full");
    assertThat(migrations.of(new RegionId(7))).isEmpty();
  }

  private MigrationTask begin() {
    return migrations.begin(List.of(WANTED), "requested").getFirst();
  }

  private static MigrationTask task(long region) {
    return new MigrationTask(
        region,
        new RegionId(region),
        M0.component(),
        M1.component(),
        State.COPYING,
        "requested",
        0,
        0,
        0,
        null,
        Instant.EPOCH,
        null);
  }

  private static RegionConfig row(long region) {
    return RegionConfig.first(
        new RegionId(region),
        new ProcessId(1),
        1,
        (int) region,
        1,
        M0,
        List.of(),
        16,
        AckMode.NONE,
        false);
  }

  private static CopyPlace place(int ordinal) {
    return new CopyPlace(
        ComponentId.parse("mcomponent-" + ordinal),
        new BootId(1 + ordinal),
        new Endpoint("127.0.0.1", 1 + ordinal));
  }
}
