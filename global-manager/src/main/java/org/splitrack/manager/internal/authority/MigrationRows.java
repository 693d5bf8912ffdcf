package org.splitrack.manager.internal.authority;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.sql.Types;
import java.util.List;
import java.util.Locale;
import org.splitrack.fabric.ComponentId;
import org.splitrack.fabric.RegionId;
import org.splitrack.manager.internal.authority.MigrationTask.State;
import org.springframework.jdbc.core.simple.JdbcClient;

/** {@code os_mem.migration_task}. */
public final class MigrationRows implements MigrationLog {
  private final JdbcClient jdbc;
  private final Guard guard;
  private final ConfigStore store;

  public MigrationRows(JdbcClient jdbc, Guard guard, ConfigStore store) {
    this.jdbc = jdbc;
    this.guard = guard;
    this.store = store;
  }

  @Override
  public void put(MigrationTask task) {
    var _ =
        guard.call(
            () ->
                jdbc.sql(
                        """
                        INSERT INTO os_mem.migration_task AS t
                               (migration, region, source, target, reason, state, error, bytes,
                                rounds, pause_us, term, started_at, ended_at)
                        VALUES (:migration, :region, :source, :target, :reason, :state, :error,
                                :bytes, :rounds, :pause, :term, :started_at, :ended_at)
                        ON CONFLICT (migration) DO UPDATE
                           SET state = EXCLUDED.state, error = EXCLUDED.error,
                               bytes = EXCLUDED.bytes, rounds = EXCLUDED.rounds,
                               pause_us = EXCLUDED.pause_us, term = EXCLUDED.term,
                               ended_at = EXCLUDED.ended_at
                         WHERE t.ended_at IS NULL AND t.term <= EXCLUDED.term
                        """)
                    .param("migration", task.migration())
                    .param("region", task.region().value())
                    .param("source", task.source().toString())
                    .param("target", task.target().toString())
                    .param("reason", task.reason())
                    .param("state", task.state().text())
                    .param("error", task.error(), Types.VARCHAR)
                    .param("bytes", task.bytes())
                    .param("rounds", task.rounds())
                    .param("pause", task.pauseUs())
                    .param("term", store.term())
                    .param("started_at", Timestamp.from(task.startedAt()))
                    .param(
                        "ended_at",
                        task.endedAt() == null ? null : Timestamp.from(task.endedAt()),
                        Types.TIMESTAMP)
                    .update());
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

  private static MigrationTask task(ResultSet row) throws SQLException {
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
        null);
  }
}
