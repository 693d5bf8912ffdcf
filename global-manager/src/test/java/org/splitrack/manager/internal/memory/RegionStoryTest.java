package org.splitrack.manager.internal.memory;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.LongStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.splitrack.fabric.BootId;
import org.splitrack.fabric.ComponentId;
import org.splitrack.fabric.Endpoint;
import org.splitrack.fabric.ProcessId;
import org.splitrack.fabric.RegionId;
import org.splitrack.fabric.region.AckMode;
import org.splitrack.fabric.region.ConfigChange;
import org.splitrack.fabric.region.CopyPlace;
import org.splitrack.fabric.region.Learner;
import org.splitrack.fabric.region.RegionConfig;
import org.splitrack.fabric.report.StateChange.FailoverState;
import org.splitrack.fabric.testkit.RecordingStateReporter;
import org.splitrack.manager.internal.authority.MigrationLog;
import org.splitrack.manager.internal.authority.MigrationTask;
import org.splitrack.manager.internal.authority.NumberSupply;
import org.splitrack.manager.internal.membership.Membership;
import org.splitrack.manager.internal.membership.SilenceLimits;
import org.splitrack.manager.internal.report.EventLinks;
import org.splitrack.manager.internal.report.RackReports;

class RegionStoryTest {
  private static final CopyPlace A = place(0);
  private static final CopyPlace B = place(1);
  private static final CopyPlace C = place(2);
  private static final int PROBES = 3;

  private final RecordingStateReporter reporter = new RecordingStateReporter();
  private final RackReports reports = new RackReports(reporter, component -> "");
  private final NumberSupply numbers = numbers("failover numbers");
  private final RegionStory story =
      new RegionStory(
          new Membership(SilenceLimits.defaults(), 0),
          new Migrations(
              new NoMigrations(), numbers("migration numbers"), reports, InstantSource.system()),
          numbers,
          reports,
          new EventLinks(),
          InstantSource.system());

  private static final class NoMigrations implements MigrationLog {
    @Override
    public void put(List<MigrationTask> tasks) {
      throw new AssertionError("nothing moves here");
    }

    @Override
    public List<MigrationTask> open() {
      return List.of();
    }

    @Override
    public List<MigrationTask> ended(int limit) {
      return List.of();
    }
  }

  @BeforeEach
  void fill() {
    numbers.fill();
  }

  @Test
  void shouldCountOneFailureHoweverOftenItIsToldOf() {
    failOver(7);
    story.suspected(A, "no answer");

    assertThat(reporter.changes(FailoverState.class))
        .extracting(FailoverState::failover)
        .containsOnly(1L);
  }

  @Test
  void shouldCountAnotherFailureOfTheSameStart() {
    // given a component that was frozen, and answers again
    failOver(7);
    story.probed(A, true);
    // when
    failOver(8);
    // then
    FailoverState first =
        reporter.changes(FailoverState.class).stream()
            .filter(told -> told.failover() == 1 && told.protectedAt() != null)
            .findFirst()
            .orElseThrow();
    FailoverState second = reporter.changes(FailoverState.class).getLast();
    assertThat(second.failover()).isEqualTo(2);
    assertThat(second.regions()).isEqualTo(1);
    assertThat(second.suspectedAt()).isAfterOrEqualTo(first.protectedAt());
    assertThat(second.protectedAt()).isAfterOrEqualTo(second.committedAt());
  }

  /** A region whose home falls silent, until it has two copies again. */
  private void failOver(long region) {
    RegionConfig before =
        RegionConfig.first(
            new RegionId(region),
            new ProcessId(1),
            1,
            0,
            1,
            A,
            List.of(B),
            16,
            AckMode.SAFE,
            false);
    story.suspected(A, "no answer");
    for (int i = 0; i < PROBES; i++) {
      story.probed(A, false);
    }
    RegionConfig alone = before.rehomed(B, List.of(), 1);
    change(before, alone, "mcomponent-0 is silent");
    RegionConfig learning = alone.learning(new Learner(C, Learner.Purpose.SECONDARY), 1);
    change(alone, learning, "second copy on mcomponent-2");
    change(learning, learning.keeping(List.of(C), 1), "mcomponent-2 has caught up");
  }

  private void change(RegionConfig from, RegionConfig to, String reason) {
    story.changed(new ConfigChange(from, to, reason));
    story.settled(to);
    story.tellFailovers();
  }

  private static NumberSupply numbers(String name) {
    AtomicLong next = new AtomicLong(1);
    return new NumberSupply(
        name,
        count -> {
          long from = next.getAndAdd(count);
          return LongStream.range(from, from + count).boxed().toList();
        },
        () -> {});
  }

  private static CopyPlace place(int number) {
    return new CopyPlace(
        ComponentId.parse("mcomponent-" + number),
        new BootId(number + 1),
        new Endpoint("127.0.0.1", 1));
  }
}
