package org.splitrack.manager.internal.authority;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.splitrack.fabric.ComponentId;
import org.splitrack.fabric.RegionId;
import org.splitrack.manager.internal.authority.MigrationTask.State;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.json.JsonMapper;

/** {@code os_mem.migration_task}. */
public final class MigrationRows implements MigrationLog {
  private static final JsonMapper JSON = new JsonMapper();
  private static final String PUT =
      """
      INSERT INTO os_mem.migration_task AS t
             (migration, region, source, target, reason, state, error, bytes, rounds, pause_us,
              term, started_at, ended_at)
      SELECT migration, region, source, target, reason, state, error, bytes, rounds, pause_us,
             :term, started_at, ended_at
        FROM jsonb_to_recordset(:tasks::jsonb)
          AS w(migration bigint, region bigint, source text, target text, reason text, state text,
               error text, bytes bigint, rounds integer, pause_us bigint, started_at timestamptz,
               ended_at timestamptz)
      ON CONFLICT (migration) DO UPDATE
         SET state = EXCLUDED.state, error = EXCLUDED.error, bytes = EXCLUDED.bytes,
             rounds = EXCLUDED.rounds, pause_us = EXCLUDED.pause_us, term = EXCLUDED.term,
             ended_at = EXCLUDED.ended_at
       WHERE t.ended_at IS NULL AND t.term <= EXCLUDED.term
      """;

  private final JdbcClient jdbc;
  private final Guard guard;
  private final ConfigStore store;

  public MigrationRows(JdbcClient jdbc, Guard guard, ConfigStore store) {
    this.jdbc = jdbc;
    this.guard = guard;
    this.store = store;
  }

  @Override
  public void put(List<MigrationTask> tasks) {
    var _ =
        guard.call(
            () ->
                jdbc.sql(PUT)
                    .param(
                        "tasks",
                        JSON.writeValueAsString(tasks.stream().map(MigrationRows::json).toList()))
                    .param("term", store.term())
                    .update());
  }

  private static Map<String, @Nullable Object> json(MigrationTask task) {
    Map<String, @Nullable Object> json = new LinkedHashMap<>();
    json.put("migration", task.migration());
    json.put("region", task.region().value());
    json.put("source", task.source().toString());
    json.put("target", task.target().toString());
    json.put("reason", task.reason());
    json.put("state", task.state().text());
    json.put("error", task.error());
    json.put("bytes", task.bytes());
    json.put("rounds", task.rounds());
    json.put("pause_us", task.pauseUs());
    json.put("started_at", task.startedAt().toString());
    Instant endedAt = task.endedAt();
    json.put("ended_at", endedAt == null ? null : endedAt.toString());
    return json;
  }

  @Override
  public List<MigrationTask> open() {
    return guard.call(
        () ->
            jdbc.sql(
                    "SELECT * FROM os_mem.migration_task WHERE ended_at IS NULL ORDER BY migration")
                .query((row, number) -> task(row))
                .list());
  }

  @Override
  public List<MigrationTask> ended(int limit) {
    return guard.call(
        () ->
            jdbc.sql(
                    """
                    SELECT * FROM os_mem.migration_task WHERE ended_at IS NOT NULL
                     ORDER BY migration DESC LIMIT :limit
                    """)
                .param("limit", limit)
                .query((row, number) -> task(row))
                .list());
  }

  private static MigrationTask task(ResultSet row) throws SQLException {
    Timestamp endedAt = row.getTimestamp("ended_at");
    return new MigrationTask(
        row.getLong("migration"),
        new RegionId(row.getLong("region")),
        ComponentId.parse(row.getString("source")),
        ComponentId.parse(row.getString("target")),
        State.valueOf(row.getString("state").toUpperCase(Locale.ROOT)),
        row.getString("reason"),
        row.getLong("bytes"),
        row.getInt("rounds"),
        row.getLong("pause_us"),
        row.getString("error"),
        row.getTimestamp("started_at").toInstant(),
        endedAt == null ? null : endedAt.toInstant());
  }
}
