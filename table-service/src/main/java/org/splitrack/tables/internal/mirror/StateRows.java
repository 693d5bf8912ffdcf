package org.splitrack.tables.internal.mirror;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.splitrack.fabric.report.StateChange.ComponentState;
import org.splitrack.fabric.report.StateChange.Event;
import org.splitrack.fabric.report.StateChange.FailoverState;
import org.splitrack.fabric.report.StateChange.MigrationState;
import org.splitrack.fabric.report.StateChange.ProcessState;
import org.splitrack.fabric.report.StateChange.RegionState;
import org.splitrack.fabric.report.StateChange.ThreadState;
import org.splitrack.fabric.report.StateEnvelope;

/** The rows of a batch: of a state the newest per key, of events all. */
final class StateRows {
  private static final String COMPONENT =
      Upsert.sql(
          "os_res.component",
          List.of("component"),
          List.of(
              "role",
              "state",
              "boot_id",
              "node",
              "profile",
              "capacity_bytes",
              "used_bytes",
              "load",
              "reported_at"),
          "true");

  // What has ended never runs again, whoever says so: two managers may publish in turn.
  private static final String PROCESS =
      Upsert.sql(
          "os_sched.process",
          List.of("process"),
          List.of(
              "name",
              "program",
              "program_digest",
              "args",
              "tenant",
              "owner",
              "component",
              "state",
              "exit_code",
              "ack",
              "safety",
              "started_at",
              "ended_at",
              "wall_ms",
              "cpu_ms",
              "pages_touched",
              "cache_pages",
              "hits",
              "misses",
              "zero_fills",
              "prefetch_used",
              "prefetch_wasted",
              "write_backs",
              "bytes_in",
              "bytes_out",
              "miss_us_p50",
              "miss_us_p90",
              "miss_us_p99",
              "miss_us_max",
              "stall_ms_max",
              "regions",
              "mcomponents",
              "stats"),
          "old.state = 'running' OR excluded.state <> 'running'");

  private static final String THREAD =
      Upsert.sql(
          "os_sched.thread", List.of("process", "thread"), List.of("component", "state"), "true");

  private static final String REGION =
      Upsert.sql(
          "os_mem.region",
          List.of("region"),
          List.of(
              "process",
              "index",
              "home",
              "secondaries",
              "epoch",
              "term",
              "mode",
              "pages",
              "copies",
              "copies_wanted",
              "protection",
              "moving"),
          "excluded.epoch >= old.epoch");

  private static final String END_REGION = "DELETE FROM os_mem.region WHERE region = ?";

  private static final String MIGRATION =
      Upsert.sql(
          "os_mem.migration",
          List.of("migration"),
          List.of(
              "region",
              "source_component",
              "target",
              "state",
              "reason",
              "bytes",
              "rounds",
              "write_pause_ms",
              "error",
              "started_at",
              "ended_at"),
          "old.ended_at IS NULL OR excluded.ended_at IS NOT NULL");

  // What one manager has seen happen, the next one may not know any more.
  private static final String FAILOVER =
      Upsert.sql(
          "os_mem.failover",
          List.of("failover"),
          List.of(
              "component",
              "boot_id",
              "regions",
              "suspected_at",
              "sealed_at",
              "committed_at",
              "protected_at",
              "stall_ms_max"),
          "old.protected_at IS NULL OR excluded.protected_at IS NOT NULL");

  private static final String EVENT =
      """
      INSERT INTO os_mon.event
        (at, component, boot_id, seq, kind, process, region, cause_seq, message, details)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING
      """;

  private final Map<String, Row<ComponentState>> components = new LinkedHashMap<>();
  private final Map<Long, Row<ProcessState>> processes = new LinkedHashMap<>();
  private final Map<ThreadKey, Row<ThreadState>> threads = new LinkedHashMap<>();
  private final Map<Long, Row<RegionState>> regions = new LinkedHashMap<>();
  private final Map<Long, Row<MigrationState>> migrations = new LinkedHashMap<>();
  private final Map<Long, Row<FailoverState>> failovers = new LinkedHashMap<>();
  private final List<Row<Event>> events = new ArrayList<>();

  private record Row<C>(StateEnvelope envelope, C change) {}

  private record ThreadKey(long process, int thread) {}

  private interface Binding<C> {
    void bind(Binder binder, StateEnvelope envelope, C change) throws SQLException;
  }

  /**
   * @param changes in their order
   */
  StateRows(List<StateEnvelope> changes) {
    for (StateEnvelope envelope : changes) {
      switch (envelope.change()) {
        case ComponentState state -> components.put(state.component(), new Row<>(envelope, state));
        case ProcessState state -> processes.put(state.process(), new Row<>(envelope, state));
        case ThreadState state ->
            threads.put(new ThreadKey(state.process(), state.thread()), new Row<>(envelope, state));
        case RegionState state -> regions.put(state.region(), new Row<>(envelope, state));
        case MigrationState state -> migrations.put(state.migration(), new Row<>(envelope, state));
        case FailoverState state -> failovers.put(state.failover(), new Row<>(envelope, state));
        case Event event -> events.add(new Row<>(envelope, event));
      }
    }
  }

  /** Writes them all, in the caller's transaction. */
  void write(Connection connection) throws SQLException {
    writeAll(connection, COMPONENT, components.values(), StateRows::bindComponent);
    writeAll(connection, PROCESS, processes.values(), StateRows::bindProcess);
    writeAll(connection, THREAD, threads.values(), StateRows::bindThread);
    writeAll(connection, REGION, regions(false), StateRows::bindRegion);
    writeAll(
        connection,
        END_REGION,
        regions(true),
        (binder, envelope, region) -> binder.bigint(region.region()));
    writeAll(connection, MIGRATION, migrations.values(), StateRows::bindMigration);
    writeAll(connection, FAILOVER, failovers.values(), StateRows::bindFailover);
    writeAll(connection, EVENT, events, StateRows::bindEvent);
  }

  private List<Row<RegionState>> regions(boolean ended) {
    return regions.values().stream().filter(row -> row.change().ended() == ended).toList();
  }

  private static <C> void writeAll(
      Connection connection, String sql, Collection<Row<C>> rows, Binding<C> binding)
      throws SQLException {
    if (rows.isEmpty()) {
      return;
    }
    try (PreparedStatement statement = connection.prepareStatement(sql)) {
      var binder = new Binder(statement);
      for (Row<C> row : rows) {
        binding.bind(binder, row.envelope(), row.change());
        binder.addRow();
      }
      statement.executeBatch();
    }
  }

  private static void bindComponent(Binder binder, StateEnvelope envelope, ComponentState state)
      throws SQLException {
    binder
        .text(state.component())
        .text(state.role())
        .text(state.state())
        .text(state.bootId())
        .text(state.node())
        .text(state.profile())
        .bigint(state.capacityBytes())
        .bigint(state.usedBytes())
        .real(state.load())
        .time(state.reportedAt())
        .origin(envelope);
  }

  private static void bindProcess(Binder binder, StateEnvelope envelope, ProcessState state)
      throws SQLException {
    Map<String, Number> stats = state.stats();
    binder
        .bigint(state.process())
        .text(state.name())
        .text(state.program())
        .text(state.programDigest())
        .texts(state.args())
        .text(state.tenant())
        .text(state.owner())
        .text(state.component())
        .text(state.state())
        .integer(state.exitCode())
        .text(state.ack())
        .text(state.safety())
        .time(state.startedAt())
        .time(state.endedAt())
        .bigint(stats.get("wall_ms"))
        .bigint(stats.get("cpu_ms"))
        .bigint(stats.get("pages_touched"))
        .bigint(stats.get("cache_pages"))
        .bigint(stats.get("hits"))
        .bigint(stats.get("misses"))
        .bigint(stats.get("zero_fills"))
        .bigint(stats.get("prefetch_used"))
        .bigint(stats.get("prefetch_wasted"))
        .bigint(stats.get("write_backs"))
        .bigint(stats.get("bytes_in"))
        .bigint(stats.get("bytes_out"))
        .real(stats.get("miss_us_p50"))
        .real(stats.get("miss_us_p90"))
        .real(stats.get("miss_us_p99"))
        .real(stats.get("miss_us_max"))
        .real(stats.get("stall_ms_max"))
        .bigint(stats.get("regions"))
        .bigint(stats.get("mcomponents"))
        .json(stats)
        .origin(envelope);
  }

  private static void bindThread(Binder binder, StateEnvelope envelope, ThreadState state)
      throws SQLException {
    binder
        .bigint(state.process())
        .integer(state.thread())
        .text(state.component())
        .text(state.state())
        .origin(envelope);
  }

  private static void bindRegion(Binder binder, StateEnvelope envelope, RegionState state)
      throws SQLException {
    binder
        .bigint(state.region())
        .bigint(state.process())
        .integer(state.index())
        .text(state.home())
        .texts(state.secondaries())
        .bigint(state.epoch())
        .bigint(state.term())
        .text(state.mode())
        .integer(state.pages())
        .integer(state.copies())
        .integer(state.copiesWanted())
        .text(state.protection())
        .bool(state.moving())
        .origin(envelope);
  }

  private static void bindMigration(Binder binder, StateEnvelope envelope, MigrationState state)
      throws SQLException {
    binder
        .bigint(state.migration())
        .bigint(state.region())
        .text(state.source())
        .text(state.target())
        .text(state.state())
        .text(state.reason())
        .bigint(state.bytes())
        .integer(state.rounds())
        .real(state.writePauseMs())
        .text(state.error())
        .time(state.startedAt())
        .time(state.endedAt())
        .origin(envelope);
  }

  private static void bindFailover(Binder binder, StateEnvelope envelope, FailoverState state)
      throws SQLException {
    binder
        .bigint(state.failover())
        .text(state.component())
        .text(state.bootId())
        .integer(state.regions())
        .time(state.suspectedAt())
        .time(state.sealedAt())
        .time(state.committedAt())
        .time(state.protectedAt())
        .real(state.stallMsMax())
        .origin(envelope);
  }

  private static void bindEvent(Binder binder, StateEnvelope envelope, Event event)
      throws SQLException {
    binder
        .time(envelope.at())
        .text(envelope.source())
        .text(envelope.boot().toString())
        .bigint(envelope.sequence())
        .text(event.name())
        .bigint(event.process())
        .bigint(event.region())
        .bigint(event.cause())
        .text(event.message())
        .json(event.details());
  }
}
