package org.splitrack.tables.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.splitrack.fabric.BootId;
import org.splitrack.fabric.report.BrokerAccess;
import org.splitrack.fabric.report.KafkaStateReporter;
import org.splitrack.fabric.report.StateChange;
import org.splitrack.fabric.report.StateTopic;
import org.splitrack.fabric.testkit.EmbeddedKafka;

/** The whole way from a reporter through Kafka to rows, with everything killed on the way. */
class MirrorLoopIT {
  private static final Duration PATIENCE = Duration.ofMinutes(1);
  private static EmbeddedKafka kafka;

  private final TestDatabase database = TestDatabase.create();
  private final BootId boot = BootId.random();

  @BeforeAll
  static void startKafka() {
    kafka = EmbeddedKafka.start();
  }

  @AfterAll
  static void stopKafka() {
    kafka.close();
  }

  @Test
  void shouldShowWithOriginalTimesWhatHappenedWhileNothingMirrored() throws Exception {
    try (var reporter =
        KafkaStateReporter.start("pcomponent-0", boot, BrokerAccess.plain(kafka.endpoint()))) {
      // given the service has run once, so that there is a topic
      try (var loop = start()) {
        await().atMost(PATIENCE).until(loop::ready);
      }
      Instant before = Instant.now();
      reporter.report(event("while it was stopped"));
      assertThat(reporter.flush(30_000)).isEqualTo(1);
      Instant after = Instant.now();

      // when
      try (var loop = start()) {
        awaitEvents("while it was stopped");
        assertThat(loop.trouble()).isNull();
      }

      // then
      assertThat(
              database.query(
                  "SELECT at BETWEEN '%s' AND '%s' FROM api.events WHERE component = 'pcomponent-0'"
                      .formatted(before.minusMillis(1), after.plusMillis(1))))
          .containsExactly("t");
    }
  }

  @Test
  void shouldLoseNothingAndCountNothingTwiceWhoeverIsKilled() throws Exception {
    try (var reporter =
            KafkaStateReporter.start("mcomponent-0", boot, BrokerAccess.plain(kafka.endpoint()));
        var loop = start()) {
      // given
      await().atMost(PATIENCE).until(loop::ready);
      report(reporter, 0, 100);
      awaitCount(100);

      // when the broker is killed while more happens
      kafka.kill();
      report(reporter, 100, 200);
      await().atMost(PATIENCE).until(() -> String.valueOf(loop.trouble()).contains("Kafka"));
      kafka.restart();
      awaitCount(200);

      // when the database is killed while more happens
      TestDatabase.server().kill();
      try {
        report(reporter, 200, 300);
        await().atMost(PATIENCE).until(() -> String.valueOf(loop.trouble()).contains("PostgreSQL"));
      } finally {
        TestDatabase.server().restart();
      }

      // then
      awaitCount(300);
      assertThat(
              database.query(
                  "SELECT count(DISTINCT kind), count(DISTINCT event), min(seq), max(seq)"
                      + " FROM api.events WHERE boot_id = '%s'".formatted(boot)))
          .containsExactly("300 | 300 | 1 | 300");
      assertThat(database.query("SELECT * FROM api.gaps WHERE boot_id = '%s'".formatted(boot)))
          .isEmpty();
      await().atMost(PATIENCE).until(() -> loop.trouble() == null);
    }
  }

  @Test
  void shouldReadATopicThatWasMadeAnew() throws Exception {
    try (var reporter =
            KafkaStateReporter.start("scomponent-0", boot, BrokerAccess.plain(kafka.endpoint()));
        var loop = start()) {
      // given
      await().atMost(PATIENCE).until(loop::ready);
      reporter.report(event("before"));
      awaitEvents("before");

      // when
      try (var admin = Admin.create(BrokerAccess.plain(kafka.endpoint()).settings(Map.of()))) {
        admin.deleteTopics(Set.of(StateTopic.NAME)).all().get();
      }
      reporter.report(event("after"));

      // then
      awaitEvents("before", "after");
    }
  }

  private MirrorLoop start() {
    return MirrorLoop.start(
        database.access(), BrokerAccess.plain(kafka.endpoint()), InstantSource.system());
  }

  private static void report(KafkaStateReporter reporter, int from, int toExclusive) {
    IntStream.range(from, toExclusive).forEach(i -> reporter.report(event("e" + i)));
  }

  private static StateChange event(String kind) {
    return new StateChange.Event(kind, null, null, null, "It happened.", Map.of());
  }

  private void awaitEvents(String... kinds) {
    await()
        .atMost(PATIENCE)
        .ignoreExceptionsInstanceOf(SQLException.class)
        .untilAsserted(
            () ->
                assertThat(
                        database.query(
                            "SELECT kind FROM api.events WHERE boot_id = '%s' ORDER BY event"
                                .formatted(boot)))
                    .isEqualTo(List.of(kinds)));
  }

  private void awaitCount(int count) {
    await()
        .atMost(PATIENCE)
        .ignoreExceptionsInstanceOf(SQLException.class)
        .untilAsserted(
            () ->
                assertThat(
                        database.query(
                            "SELECT count(*) FROM api.events WHERE boot_id = '%s'".formatted(boot)))
                    .containsExactly(Integer.toString(count)));
  }
}
