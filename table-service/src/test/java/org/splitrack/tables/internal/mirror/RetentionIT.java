package org.splitrack.tables.internal.mirror;

import static org.assertj.core.api.Assertions.assertThat;
import static org.splitrack.tables.internal.mirror.Changes.BOOT;
import static org.splitrack.tables.internal.mirror.Changes.ended;
import static org.splitrack.tables.internal.mirror.Changes.event;
import static org.splitrack.tables.internal.mirror.Changes.failover;
import static org.splitrack.tables.internal.mirror.Changes.migration;
import static org.splitrack.tables.internal.mirror.Changes.received;
import static org.splitrack.tables.internal.mirror.Changes.running;
import static org.splitrack.tables.internal.mirror.Changes.thread;

import java.sql.SQLException;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.splitrack.fabric.embedded.RackDatabase;
import org.splitrack.tables.internal.TestDatabase;
import org.splitrack.tables.internal.schema.SchemaMigration;

/** The limits of the mirror's tables on a real PostgreSQL. */
class RetentionIT {
  private static final LocalDate TODAY = LocalDate.ofInstant(Changes.AT, ZoneOffset.UTC);

  private final TestDatabase database = TestDatabase.create();
  private final Retention retention = new Retention(database.access());

  @BeforeEach
  void migrate() throws SQLException {
    SchemaMigration.run(database.access());
  }

  @Test
  void shouldKeepADayOfEventsInAPartitionUntilItIsOld() throws Exception {
    // given
    retention.run(TODAY);
    write(received(0, BOOT, 1, event("e")));
    assertThat(partitionsWithRows()).containsExactly("os_mon.event_20260102");

    // when
    retention.run(TODAY.plusDays(Retention.EVENT_DAYS));
    assertThat(database.query("SELECT count(*) FROM api.events")).containsExactly("1");
    retention.run(TODAY.plusDays(Retention.EVENT_DAYS + 1));

    // then
    assertThat(database.query("SELECT count(*) FROM api.events")).containsExactly("0");
    assertThat(partitions())
        .containsExactly(
            "os_mon.event_20260103",
            "os_mon.event_20260109",
            "os_mon.event_20260110",
            "os_mon.event_20260111",
            "os_mon.event_default");
  }

  @Test
  void shouldTakeEventsOfDaysWithoutAPartitionAndDropThemByAge() throws Exception {
    // given
    write(received(0, BOOT, 1, event("e")));
    assertThat(partitionsWithRows()).containsExactly("os_mon.event_default");

    // when
    retention.run(TODAY);

    // then no partition can be made for that day, and nothing is lost
    assertThat(database.query("SELECT count(*) FROM api.events")).containsExactly("1");

    // when
    retention.run(TODAY.plusDays(Retention.EVENT_DAYS + 1));

    // then
    assertThat(database.query("SELECT count(*) FROM api.events")).containsExactly("0");
  }

  @Test
  void shouldDropTheOldestDaysAboveTheLimitOfBytesButNotToday() throws Exception {
    // given
    var narrow = new Retention(database.access(), 1, 10);
    narrow.run(TODAY);
    write(received(0, BOOT, 1, event("e")));

    // when
    narrow.run(TODAY);
    assertThat(database.query("SELECT count(*) FROM api.events")).containsExactly("1");
    narrow.run(TODAY.plusDays(1));

    // then
    assertThat(database.query("SELECT count(*) FROM api.events")).containsExactly("0");
  }

  @Test
  void shouldKeepTheNewestEndedProcessesAndAllThatRun() throws Exception {
    // given
    write(
        received(0, BOOT, 1, running(1)),
        received(1, BOOT, 2, ended(2, "exited")),
        received(2, BOOT, 3, ended(3, "failed")),
        received(3, BOOT, 4, ended(4, "lost")),
        received(4, BOOT, 5, thread(1, 0, "running")),
        received(5, BOOT, 6, thread(2, 0, "ended")),
        received(6, BOOT, 7, thread(3, 0, "ended")),
        received(7, BOOT, 8, thread(4, 0, "ended")));

    // when
    new Retention(database.access(), Retention.EVENT_BYTES, 2).run(TODAY);

    // then
    assertThat(database.query("SELECT process FROM api.processes ORDER BY 1"))
        .containsExactly("1", "3", "4");
    assertThat(database.query("SELECT process FROM api.threads ORDER BY 1"))
        .containsExactly("1", "3", "4");
  }

  @Test
  void shouldKeepTheNewestEndedMigrationsAllThatGoOnAndTheNewestFailovers() throws Exception {
    // given
    write(
        received(0, BOOT, 1, migration(1, "copying", null)),
        received(1, BOOT, 2, migration(2, "done", Changes.AT)),
        received(2, BOOT, 3, migration(3, "done", Changes.AT)),
        received(3, BOOT, 4, failover(1, Changes.AT)),
        received(4, BOOT, 5, failover(2, Changes.AT)));

    // when
    new Retention(database.access(), Retention.EVENT_BYTES, 1).run(TODAY);

    // then
    assertThat(database.query("SELECT migration FROM api.migrations ORDER BY 1"))
        .containsExactly("1", "3");
    assertThat(database.query("SELECT failover FROM api.failovers")).containsExactly("2");
  }

  private void write(Received... messages) throws SQLException {
    try (var mirror = new Mirror(database.access(), "t", 0)) {
      mirror.open("topic-1");
      mirror.apply(List.of(messages));
    }
  }

  private List<String> partitionsWithRows() throws SQLException {
    return database.queryAs(
        RackDatabase.TABLES, "SELECT DISTINCT tableoid::regclass FROM os_mon.event");
  }

  private List<String> partitions() throws SQLException {
    return database.queryAs(
        RackDatabase.TABLES,
        "SELECT inhrelid::regclass FROM pg_inherits"
            + " WHERE inhparent = 'os_mon.event'::regclass ORDER BY inhrelid::regclass::text");
  }
}
