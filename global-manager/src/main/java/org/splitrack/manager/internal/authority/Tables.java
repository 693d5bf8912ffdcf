package org.splitrack.manager.internal.authority;

import java.sql.Array;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.splitrack.fabric.BootId;
import org.splitrack.fabric.ProcessId;
import org.splitrack.fabric.report.StateChange.ProcessState;
import org.splitrack.fabric.report.StateChange.RegionState;
import org.springframework.jdbc.core.simple.JdbcClient;

/**
 * What the manager reads from PostgreSQL. Every call is guarded and fails as {@link Guard#call}
 * does. Safe from any thread.
 */
public final class Tables {
  private static final int MAX_LEFTOVERS = 1_000;

  private final JdbcClient jdbc;
  private final Guard guard;

  public Tables(JdbcClient jdbc, Guard guard) {
    this.jdbc = jdbc;
    this.guard = guard;
  }

  /** Whether table-service has made the tables that the manager needs. */
  public boolean areThere() {
    return guard.call(
        () ->
            jdbc.sql(
                    """
                    SELECT to_regclass('os_sched.process_id') IS NOT NULL
                       AND to_regclass('os_mem.region_id') IS NOT NULL
                       AND to_regclass('os_mon.mirror_position') IS NOT NULL
                       AND to_regclass('os_mem.region_config') IS NOT NULL
                       AND to_regclass('os_sched.program') IS NOT NULL
                       AND to_regclass('os_mem.failover_id') IS NOT NULL
                       AND to_regclass('os_mem.migration_id') IS NOT NULL
                       AND to_regclass('api.processes') IS NOT NULL
                       AND to_regclass('api.regions') IS NOT NULL
                    """)
                .query(Boolean.class)
                .single());
  }

  /** When this start of PostgreSQL began; tells one from the next. */
  public Instant startedAt() {
    return guard.call(
        () ->
            jdbc.sql("SELECT pg_postmaster_start_time()")
                .query(Timestamp.class)
                .single()
                .toInstant());
  }

  /** Numbers of {@code os_sched.process_id}. */
  public List<Long> takeProcessNumbers(int count) {
    return take("os_sched.process_id", count);
  }

  /** Numbers of {@code os_mem.region_id}. */
  public List<Long> takeRegionNumbers(int count) {
    return take("os_mem.region_id", count);
  }

  /** Numbers of {@code os_mem.failover_id}. */
  public List<Long> takeFailoverNumbers(int count) {
    return take("os_mem.failover_id", count);
  }

  /** Numbers of {@code os_mem.migration_id}. */
  public List<Long> takeMigrationNumbers(int count) {
    return take("os_mem.migration_id", count);
  }

  private List<Long> take(String sequence, int count) {
    return guard.call(
        () ->
            jdbc.sql(
                    "SELECT nextval(:sequence::regclass) FROM generate_series(1, :count) ORDER BY 1")
                .param("sequence", sequence)
                .param("count", count)
                .query(Long.class)
                .list());
  }

  /** Up to where the mirror has what that start of a source published; 0 = nothing yet. */
  public long mirroredUpTo(String source, BootId boot) {
    return guard.call(
        () ->
            jdbc.sql(
                    "SELECT last_seq FROM os_mon.mirror_position"
                        + " WHERE source = :source AND boot_id = :boot")
                .param("source", source)
                .param("boot", boot.toString())
                .query(Long.class)
                .optional()
                .orElse(0L));
  }

  /** Processes numbered below {@code first} that the tables still show as running. */
  public List<ProcessState> runningBelow(long first) {
    return guard.call(
        () ->
            jdbc.sql(
                    "SELECT * FROM api.processes WHERE state = 'running' AND process < :first"
                        + " ORDER BY process LIMIT "
                        + MAX_LEFTOVERS)
                .param("first", first)
                .query((row, number) -> processState(row))
                .list());
  }

  /** Regions numbered below {@code first} that the tables still show. */
  public List<RegionState> regionsBelow(long first) {
    return guard.call(
        () ->
            jdbc.sql(
                    "SELECT * FROM api.regions WHERE region < :first ORDER BY region LIMIT "
                        + MAX_LEFTOVERS)
                .param("first", first)
                .query((row, number) -> regionState(row))
                .list());
  }

  /** The row of {@code api.processes}, column by column; empty when there is none. */
  public Optional<Map<String, @Nullable Object>> process(ProcessId process) {
    return guard.call(
        () ->
            jdbc.sql("SELECT * FROM api.processes WHERE process = :process")
                .param("process", process.value())
                .query((row, number) -> columns(row))
                .optional());
  }

  private static Map<String, @Nullable Object> columns(ResultSet row) throws SQLException {
    Map<String, @Nullable Object> columns = new LinkedHashMap<>();
    for (int i = 1; i <= row.getMetaData().getColumnCount(); i++) {
      Object value = row.getObject(i);
      columns.put(
          row.getMetaData().getColumnLabel(i),
          switch (value) {
            case Timestamp at -> at.toInstant();
            case Array array -> texts(array);
            case null, default -> value;
          });
    }
    return columns;
  }

  private static ProcessState processState(ResultSet row) throws SQLException {
    return new ProcessState(
        row.getLong("process"),
        row.getString("name"),
        row.getString("program"),
        row.getString("program_digest"),
        texts(row.getArray("args")),
        row.getString("tenant"),
        row.getString("owner"),
        row.getString("component"),
        row.getString("state"),
        row.getObject("exit_code", Integer.class),
        row.getString("ack"),
        row.getString("safety"),
        row.getTimestamp("started_at").toInstant(),
        null,
        Map.of());
  }

  private static RegionState regionState(ResultSet row) throws SQLException {
    return new RegionState(
        row.getLong("region"),
        row.getLong("process"),
        row.getInt("index"),
        row.getString("home"),
        texts(row.getArray("secondaries")),
        row.getLong("epoch"),
        row.getLong("term"),
        row.getString("mode"),
        row.getInt("pages"),
        row.getInt("copies"),
        row.getInt("copies_wanted"),
        row.getString("protection"),
        row.getBoolean("moving"),
        false);
  }

  private static List<String> texts(@Nullable Array array) throws SQLException {
    List<String> texts = new ArrayList<>();
    if (array != null) {
      for (Object element : (Object[]) array.getArray()) {
        texts.add(String.valueOf(element));
      }
    }
    return texts;
  }
}
