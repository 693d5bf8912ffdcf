package org.splitrack.tables.internal.mirror;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.splitrack.tables.internal.mirror.Changes.BOOT;
import static org.splitrack.tables.internal.mirror.Changes.OTHER_BOOT;
import static org.splitrack.tables.internal.mirror.Changes.component;
import static org.splitrack.tables.internal.mirror.Changes.ended;
import static org.splitrack.tables.internal.mirror.Changes.event;
import static org.splitrack.tables.internal.mirror.Changes.failover;
import static org.splitrack.tables.internal.mirror.Changes.migration;
import static org.splitrack.tables.internal.mirror.Changes.received;
import static org.splitrack.tables.internal.mirror.Changes.region;
import static org.splitrack.tables.internal.mirror.Changes.running;
import static org.splitrack.tables.internal.mirror.Changes.thread;

import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.splitrack.fabric.embedded.RackDatabase;
import org.splitrack.fabric.report.StateChange;
import org.splitrack.tables.internal.TestDatabase;
import org.splitrack.tables.internal.schema.SchemaMigration;

/** From messages to rows on a real PostgreSQL. */
class MirrorIT {
  private static final String TOPIC_ID = "topic-1";

  private final TestDatabase database = migrated();
  private final Mirror mirror = new Mirror(database.access(), "t", 0);
  private long nextOffset;
  private long nextSequence = 1;

  @AfterEach
  void close() {
    mirror.close();
  }

  /** Where a kind shows; one that is missing here fails the test that walks them all. */
  private static String viewOf(Class<?> kind) {
    return Map.of(
            StateChange.ComponentState.class, "api.components",
            StateChange.ProcessState.class, "api.processes",
            StateChange.ThreadState.class, "api.threads",
            StateChange.RegionState.class, "api.regions",
            StateChange.MigrationState.class, "api.migrations",
            StateChange.FailoverState.class, "api.failovers",
            StateChange.Event.class, "api.events")
        .getOrDefault(kind, "no view for " + kind.getSimpleName());
  }

  @Test
  void shouldWriteARowForEveryKindOfStateChange() throws Exception {
    // given
    mirror.open(TOPIC_ID);

    // when
    apply(
        component("up"),
        running(7),
        thread(7, 1, "running"),
        region(9, 7, 1, false),
        migration(3, "copying", null),
        failover(4, null),
        event("e"));

    // then
    for (Class<?> kind : StateChange.class.getPermittedSubclasses()) {
      assertThat(database.query("SELECT count(*) FROM " + viewOf(kind)))
          .as(kind.getSimpleName())
          .containsExactly("1");
    }
  }

  @Test
  void shouldShowWhatWasPublished() throws Exception {
    // given
    mirror.open(TOPIC_ID);

    // when
    apply(
        component("starting"),
        component("up"),
        running(7),
        thread(7, 1, "running"),
        region(9, 7, 1, false),
        event("first"),
        event("second", 6L));

    // then
    assertThat(database.query("SELECT * FROM api.components"))
        .containsExactly(
            "mcomponent-0 | mcomponent | up | 00ab | node |  | 1099511627776 | 4096 | 0.5"
                + " | 2026-01-02 03:04:05.123456+00");
    assertThat(
            database.query(
                "SELECT process, name, program, left(program_digest, 4), args[2], tenant, owner,"
                    + " component, state, exit_code, ack, safety, started_at, ended_at, wall_ms"
                    + " FROM api.processes"))
        .containsExactly(
            "7 | wc | /bin/wc.wasm | abab | a, \"b\" {c} | default | root | pcomponent-0 | running"
                + " | null | none | default | 2026-01-02 03:04:05.123456+00 | null | null");
    assertThat(database.query("SELECT * FROM api.threads"))
        .containsExactly("7 | 1 | pcomponent-0 | running");
    assertThat(database.query("SELECT * FROM api.regions"))
        .containsExactly(
            "9 | 7 | 3 | mcomponent-1 | {mcomponent-8,mcomponent-9} | 1 | 1 | private | 4096 | 1 | 2"
                + " | none | f");
    assertThat(database.query("SELECT * FROM api.events ORDER BY event"))
        .containsExactly(
            "1 | 2026-01-02 03:04:11.123456+00 | global-manager-0 | 000000000000000f | 6 | first"
                + " | 7 | null | null | It happened. | {\"who\": \"me\", \"bytes\": 5}",
            "2 | 2026-01-02 03:04:12.123456+00 | global-manager-0 | 000000000000000f | 7 | second"
                + " | 7 | null | 1 | It happened. | {\"who\": \"me\", \"bytes\": 5}");
    assertThat(database.query("SELECT source, last_seq, dropped FROM api.mirror_lag"))
        .containsExactly("global-manager-0 | 7 | 0");
  }

  @Test
  void shouldShowMigrationsAndFailoversAsTheyGoOnAndNeverTakeAnEndBack() throws Exception {
    // given
    mirror.open(TOPIC_ID);
    apply(migration(3, "copying", null), migration(4, "copying", null), failover(5, null));
    assertThat(database.query("SELECT * FROM api.migrations ORDER BY migration"))
        .containsExactly(
            "3 | 9 | mcomponent-1 | mcomponent-2 | copying | requested | 8192 | 1 | null | null"
                + " | 2026-01-02 03:04:05.123456+00 | null",
            "4 | 9 | mcomponent-1 | mcomponent-2 | copying | requested | 8192 | 1 | null | null"
                + " | 2026-01-02 03:04:05.123456+00 | null");

    // when they end, and what was told before comes again from another manager
    apply(
        migration(3, "done", Changes.AT.plusSeconds(1)),
        migration(4, "failed", Changes.AT.plusSeconds(1)),
        failover(5, Changes.AT.plusSeconds(2)));
    apply(migration(3, "copying", null), failover(5, null));

    // then
    assertThat(
            database.query(
                "SELECT migration, state, write_pause_ms, error, ended_at FROM api.migrations"
                    + " ORDER BY migration"))
        .containsExactly(
            "3 | done | 0.75 | null | 2026-01-02 03:04:06.123456+00",
            "4 | failed | 0.75 | the target is full | 2026-01-02 03:04:06.123456+00");
    assertThat(database.query("SELECT * FROM api.failovers"))
        .containsExactly(
            "5 | mcomponent-1 | 00ab | 3 | 2026-01-02 03:04:05.123456+00"
                + " | 2026-01-02 03:04:05.125456+00 | 2026-01-02 03:04:05.124456+00"
                + " | 2026-01-02 03:04:07.123456+00 | 12.5");
  }

  @Test
  void shouldRemoveEndedRegionsAndKeepEndedProcesses() throws Exception {
    // given
    mirror.open(TOPIC_ID);
    apply(running(7), thread(7, 1, "running"), region(9, 7, 1, false), region(10, 7, 1, false));

    // when it ends, and a late report says that it runs
    apply(region(10, 7, 1, true));
    apply(ended(7, "exited"));
    apply(running(7), region(9, 7, 2, true));

    // then
    assertThat(
            database.query(
                "SELECT state, exit_code, ended_at, wall_ms, miss_us_p50 FROM api.processes"))
        .containsExactly("exited | 0 | 2026-01-02 03:04:06.623456+00 | 1500 | 12.5");
    assertThat(database.query("SELECT state FROM api.threads")).containsExactly("ended");
    assertThat(database.query("SELECT * FROM api.regions")).isEmpty();
  }

  @Test
  void shouldNotLetAnOlderConfigurationReplaceANewerOne() throws Exception {
    // given
    mirror.open(TOPIC_ID);
    apply(running(7), region(9, 7, 2, false));

    // when
    apply(region(9, 7, 1, false));

    // then
    assertThat(database.query("SELECT home, epoch FROM api.regions"))
        .containsExactly("mcomponent-2 | 2");
  }

  @Test
  void shouldChangeNothingWhenTheTopicIsReadAgain() throws Exception {
    // given
    mirror.open(TOPIC_ID);
    var topic = batch(component("up"), running(7), region(9, 7, 1, false), event("a"), event("b"));
    mirror.apply(topic);
    mirror.apply(batch(region(9, 7, 1, true), ended(7, "failed")));
    var before = everything();

    // when from the first offset on, by this mirror and by one that starts anew
    mirror.apply(topic);
    try (var another = new Mirror(database.access(), "t", 0)) {
      assertThat(another.open(TOPIC_ID)).isEqualTo(7);
      another.apply(topic);
    }

    // then
    assertThat(everything()).isEqualTo(before);
  }

  @Test
  void shouldChangeNothingWhenTheSameChangesComeThroughATopicMadeAnew() throws Exception {
    // given
    mirror.open(TOPIC_ID);
    var topic = batch(component("up"), running(7), event("a"));
    mirror.apply(topic);
    var before = everything();

    // when
    long firstOffset = mirror.open("topic-2");
    mirror.apply(topic);

    // then
    assertThat(firstOffset).isZero();
    assertThat(everything()).isEqualTo(before);
  }

  @Test
  void shouldShowAHoleInTheSequenceAsAGap() throws Exception {
    // given
    mirror.open(TOPIC_ID);

    // when
    apply(event("a"));
    nextSequence += 3;
    apply(event("b"));

    // then
    assertThat(database.query("SELECT * FROM api.gaps"))
        .containsExactly("global-manager-0 | 000000000000000f | 2 | 4");
    assertThat(database.query("SELECT dropped FROM api.mirror_lag")).containsExactly("3");
    assertThat(database.query("SELECT kind FROM api.events ORDER BY event"))
        .containsExactly("a", "b");
  }

  @Test
  void shouldSetPoisonedMessagesAsideAndLetTheRestFlow() throws Exception {
    // given
    mirror.open(TOPIC_ID);
    var poisoned = new ArrayList<Received>();
    poisoned.addAll(batch(event("before")));
    poisoned.add(new Received(nextOffset++, "no JSON \0".getBytes(UTF_8)));
    poisoned.add(new Received(nextOffset++, new byte[10 << 20]));
    poisoned.addAll(batch(event("text with \0 in it")));
    poisoned.add(without("\"component\":\"pcomponent-0\"", batch(thread(7, 1, "running"))));
    poisoned.add(without("\"args\":[\"wc\",\"a, \\\"b\\\" {c}\",\"\"]", batch(running(8))));
    poisoned.addAll(batch(event("after")));

    // when
    mirror.apply(poisoned);

    // then
    assertThat(database.query("SELECT kind FROM api.events ORDER BY event"))
        .containsExactly("before", "after");
    assertThat(
            database.query(
                "SELECT topic, partition, record_offset FROM api.dead_letters ORDER BY 3"))
        .containsExactly("t | 0 | 1", "t | 0 | 2", "t | 0 | 3", "t | 0 | 4", "t | 0 | 5");
    assertThat(database.query("SELECT reason FROM api.dead_letters"))
        .allSatisfy(reason -> assertThat(reason).isNotBlank().doesNotContain("\n"));
    // and what was readable counts as come
    assertThat(database.query("SELECT * FROM api.gaps")).isEmpty();
  }

  @Test
  void shouldLetOnlyOneOfTwoMirrorsWriteABatch() throws Exception {
    // given
    mirror.open(TOPIC_ID);
    var batch = batch(event("a"));
    try (var another = new Mirror(database.access(), "t", 0)) {
      another.open(TOPIC_ID);

      // when
      mirror.apply(batch);
      assertThatThrownBy(() -> another.apply(batch))
          .isInstanceOf(SQLException.class)
          .hasMessageContaining("another mirror");

      // then the other goes on from where the first is
      another.apply(batch);
      another.apply(batch(event("b")));
    }
    assertThat(database.query("SELECT kind FROM api.events ORDER BY event"))
        .containsExactly("a", "b");
  }

  @Test
  void shouldGoOnAfterTheDatabaseWasKilled() throws Exception {
    // given
    mirror.open(TOPIC_ID);
    var topic = new ArrayList<Received>(batch(event("a")));
    mirror.apply(topic);
    topic.addAll(batch(event("b")));

    // when
    TestDatabase.server().kill();
    try {
      assertThatThrownBy(() -> mirror.apply(topic)).isInstanceOf(SQLException.class);
    } finally {
      TestDatabase.server().restart();
    }
    // the newest commits may be gone, rows and offset together
    mirror.apply(topic.subList((int) mirror.nextOffset(), topic.size()));

    // then
    assertThat(database.query("SELECT kind FROM api.events ORDER BY event"))
        .containsExactly("a", "b");
    assertThat(database.query("SELECT * FROM api.gaps")).isEmpty();
  }

  @Test
  void shouldKeepTheStartsOfAPublisherApart() throws Exception {
    // given
    mirror.open(TOPIC_ID);
    apply(event("a"), event("b"));

    // when
    mirror.apply(List.of(received(nextOffset++, OTHER_BOOT, 1, event("c"))));

    // then
    assertThat(database.query("SELECT kind, seq FROM api.events ORDER BY event"))
        .containsExactly("a | 1", "b | 2", "c | 1");
    assertThat(database.query("SELECT * FROM api.gaps")).isEmpty();
  }

  private void apply(StateChange... changes) throws SQLException {
    mirror.apply(batch(changes));
  }

  private List<Received> batch(StateChange... changes) {
    return Arrays.stream(changes)
        .map(change -> received(nextOffset++, BOOT, nextSequence++, change))
        .toList();
  }

  /** The one message of the batch, a part of its JSON left out. */
  private static Received without(String part, List<Received> batch) {
    String json = new String(batch.getFirst().value(), UTF_8);
    assertThat(json).contains(part + ",");
    return new Received(batch.getFirst().offset(), json.replace(part + ",", "").getBytes(UTF_8));
  }

  private List<String> everything() throws SQLException {
    var rows = new ArrayList<String>();
    for (String table :
        List.of(
            "os_res.component",
            "os_sched.process",
            "os_sched.thread",
            "os_mem.region",
            "os_mon.event",
            "os_mon.mirror_position",
            "os_mon.gap",
            "os_mon.dead_letter")) {
      rows.add(table);
      rows.addAll(database.queryAs(RackDatabase.TABLES, "SELECT * FROM " + table + " ORDER BY 1"));
    }
    return rows;
  }

  private static TestDatabase migrated() {
    var database = TestDatabase.create();
    try {
      SchemaMigration.run(database.access());
    } catch (SQLException e) {
      throw new IllegalStateException(e);
    }
    return database;
  }
}
