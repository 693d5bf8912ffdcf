package org.splitrack.manager.internal.authority;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.splitrack.fabric.BootId;
import org.splitrack.fabric.ComponentId;
import org.splitrack.fabric.Endpoint;
import org.splitrack.fabric.ProcessId;
import org.splitrack.fabric.control.ProcessSpec;
import org.splitrack.manager.internal.authority.ProcessRow.End;
import org.splitrack.manager.internal.authority.ProcessRow.Place;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.core.type.TypeReference;
import tools.jackson.databind.json.JsonMapper;

/** {@code os_sched.process_config} and its history. Statements run in the caller's transaction. */
final class ProcessRows {
  private static final JsonMapper JSON = new JsonMapper();
  private static final TypeReference<Map<String, Number>> STATS = new TypeReference<>() {};

  private static final String HISTORY =
      """
      INSERT INTO os_sched.process_history
             (process, incarnation, term, component, boot_id, state, reason, at)
      SELECT process, incarnation, term, component, boot_id, state, reason, now() FROM changed
      RETURNING 1
      """;

  private ProcessRows() {}

  static boolean insert(JdbcClient jdbc, long term, ProcessRow row) {
    return changed(
        jdbc,
        term,
        row,
        """
        INSERT INTO os_sched.process_config
               (process, incarnation, term, component, boot_id, endpoint, ticket, effects_left,
                state, exit_code, reason, spec, stats, started_at, ended_at)
        SELECT :process, :incarnation, :term, :component, :boot, :endpoint, :ticket, :effects,
               :state, :exit_code, :reason, :spec::jsonb, :stats::jsonb, :started_at, :ended_at
         WHERE (SELECT term FROM os_res.leader FOR SHARE) = :term
        ON CONFLICT DO NOTHING
        RETURNING *
        """,
        row);
  }

  static boolean update(JdbcClient jdbc, long term, ProcessRow expected, ProcessRow next) {
    return changed(
        jdbc,
        term,
        next,
        """
        UPDATE os_sched.process_config
           SET incarnation = :incarnation, term = :term, component = :component, boot_id = :boot,
               endpoint = :endpoint, ticket = :ticket, effects_left = :effects, state = :state,
               exit_code = :exit_code, reason = :reason, stats = :stats::jsonb,
               ended_at = :ended_at
         WHERE process = :process AND incarnation = :expected_incarnation AND state = 'running'
           AND effects_left = :expected_effects
           AND (SELECT term FROM os_res.leader FOR SHARE) = :term
        RETURNING *
        """,
        expected);
  }

  private static boolean changed(
      JdbcClient jdbc, long term, ProcessRow next, String statement, ProcessRow expected) {
    End end = next.end();
    return jdbc.sql("WITH changed AS (" + statement + ")" + HISTORY)
        .param("process", next.process().value())
        .param("incarnation", next.incarnation())
        .param("term", term)
        .param("component", next.component().toString())
        .param("boot", next.boot().toString())
        .param("endpoint", next.place().endpoint().toString())
        .param("ticket", next.ticket())
        .param("effects", next.effectsLeft())
        .param("state", next.status().text())
        .param("exit_code", end == null ? null : end.exitCode(), java.sql.Types.INTEGER)
        .param("reason", end == null ? null : end.reason(), java.sql.Types.VARCHAR)
        .param("spec", JSON.writeValueAsString(next.spec()))
        .param("stats", JSON.writeValueAsString(end == null ? Map.of() : end.stats()))
        .param("started_at", Timestamp.from(next.startedAt()))
        .param(
            "ended_at",
            end == null ? null : Timestamp.from(end.endedAt()),
            java.sql.Types.TIMESTAMP)
        .param("expected_incarnation", expected.incarnation())
        .param("expected_effects", expected.effectsLeft())
        .query(Integer.class)
        .optional()
        .isPresent();
  }

  static Optional<ProcessRow> read(JdbcClient jdbc, ProcessId process) {
    return jdbc.sql("SELECT * FROM os_sched.process_config WHERE process = :process")
        .param("process", process.value())
        .query((row, number) -> process(row))
        .optional();
  }

  /** Those that run, and the newest that ended. */
  static List<ProcessRow> readAll(JdbcClient jdbc, int maxEnded) {
    return jdbc.sql(
            """
            SELECT * FROM os_sched.process_config WHERE state = 'running'
            UNION ALL
            (SELECT * FROM os_sched.process_config WHERE state <> 'running'
              ORDER BY process DESC LIMIT :max)
            ORDER BY process
            """)
        .param("max", maxEnded)
        .query((row, number) -> process(row))
        .list();
  }

  /** Forgets all but the newest of those that ended; their story stays. */
  static void prune(JdbcClient jdbc, int maxEnded) {
    jdbc.sql(
            """
            DELETE FROM os_sched.process_config
             WHERE state <> 'running'
               AND process < (SELECT process FROM os_sched.process_config WHERE state <> 'running'
                               ORDER BY process DESC OFFSET :max LIMIT 1)
            """)
        .param("max", maxEnded)
        .update();
  }

  private static ProcessRow process(ResultSet row) throws SQLException {
    return new ProcessRow(
        new ProcessId(row.getLong("process")),
        row.getInt("incarnation"),
        JSON.readValue(row.getString("spec"), ProcessSpec.class),
        new Place(
            ComponentId.parse(row.getString("component")),
            BootId.parse(row.getString("boot_id")),
            Endpoint.parse(row.getString("endpoint"))),
        row.getString("ticket"),
        row.getBoolean("effects_left"),
        row.getTimestamp("started_at").toInstant(),
        end(row));
  }

  private static @Nullable End end(ResultSet row) throws SQLException {
    Timestamp endedAt = row.getTimestamp("ended_at");
    if (endedAt == null) {
      return null;
    }
    Instant at = endedAt.toInstant();
    return new End(
        ProcessStatus.valueOf(row.getString("state").toUpperCase(Locale.ROOT)),
        row.getInt("exit_code"),
        row.getString("reason"),
        at,
        JSON.readValue(row.getString("stats"), STATS));
  }
}
