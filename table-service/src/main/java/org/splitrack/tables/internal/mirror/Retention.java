package org.splitrack.tables.internal.mirror;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.LocalDate;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.SortedMap;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.splitrack.tables.internal.schema.PostgresAccess;

/**
 * Keeps the mirror's tables within their limits: a partition of events per day, the oldest dropped
 * by age and by bytes; of everything else that only grows, the newest rows.
 */
public final class Retention {
  static final int EVENT_DAYS = 7;
  static final long EVENT_BYTES = 1L << 30;

  /**
   * Of ended processes, threads and migrations, of failovers, starts of components, gaps and dead
   * letters, each.
   */
  static final int ROWS = 20_000;

  private static final String PARTITION_PREFIX = "event_";
  private static final DateTimeFormatter DAY = DateTimeFormatter.BASIC_ISO_DATE;
  private static final String OVERLAPS_DEFAULT_PARTITION = "23514";
  private static final Logger LOG = LoggerFactory.getLogger(Retention.class);

  private final PostgresAccess postgres;
  private final long eventBytes;
  private final int rowLimit;

  public Retention(PostgresAccess postgres) {
    this(postgres, EVENT_BYTES, ROWS);
  }

  Retention(PostgresAccess postgres, long eventBytes, int rowLimit) {
    this.postgres = postgres;
    this.eventBytes = eventBytes;
    this.rowLimit = rowLimit;
  }

  /**
   * Brings the tables within their limits; harmless when repeated.
   *
   * @param today in UTC
   */
  public void run(LocalDate today) throws SQLException {
    try (Connection connection = postgres.openRepeatable();
        Statement statement = connection.createStatement()) {
      // Rather the next time than in the mirror's way.
      statement.execute("SET lock_timeout = '2s'");
      addPartition(statement, today);
      addPartition(statement, today.plusDays(1));
      dropOldDays(statement, today);
      trimDefaultPartition(statement, today);
      keepNewest(statement, rowLimit, "os_sched.process", "process", "state <> 'running'");
      keepNewest(statement, rowLimit, "os_sched.thread", "process", "state <> 'running'");
      keepNewest(statement, rowLimit, "os_mem.migration", "migration", "ended_at IS NOT NULL");
      keepNewest(statement, rowLimit, "os_mem.failover", "failover", "true");
      keepNewest(statement, rowLimit, "os_mon.mirror_position", "applied_at", "true");
      keepNewest(statement, rowLimit, "os_mon.gap", "noticed_at", "true");
      keepNewest(statement, rowLimit, "os_mon.dead_letter", "noticed_at", "true");
    }
  }

  private static void addPartition(Statement statement, LocalDate day) throws SQLException {
    try {
      statement.execute(
          """
          CREATE TABLE IF NOT EXISTS os_mon.%s%s PARTITION OF os_mon.event
            FOR VALUES FROM ('%s 00:00:00+00') TO ('%s 00:00:00+00')
          """
              .formatted(PARTITION_PREFIX, DAY.format(day), day, day.plusDays(1)));
    } catch (SQLException e) {
      if (!OVERLAPS_DEFAULT_PARTITION.equals(e.getSQLState())) {
        throw e;
      }
      LOG.debug("events of {} stay in the default partition", day);
    }
  }

  private void dropOldDays(Statement statement, LocalDate today) throws SQLException {
    SortedMap<LocalDate, Long> bytesByDay = bytesByDay(statement);
    long total = bytesByDay.values().stream().mapToLong(Long::longValue).sum();
    for (var day : bytesByDay.entrySet()) {
      boolean old = day.getKey().isBefore(today.minusDays(EVENT_DAYS));
      boolean tooMuch = total > eventBytes && day.getKey().isBefore(today);
      if (old || tooMuch) {
        statement.execute("DROP TABLE os_mon." + PARTITION_PREFIX + DAY.format(day.getKey()));
        total -= day.getValue();
        LOG.info("events of {} dropped, {}", day.getKey(), old ? "by age" : "for their bytes");
      }
    }
  }

  private static SortedMap<LocalDate, Long> bytesByDay(Statement statement) throws SQLException {
    var bytesByDay = new TreeMap<LocalDate, Long>();
    try (ResultSet rows =
        statement.executeQuery(
            """
            SELECT c.relname, pg_total_relation_size(c.oid)
              FROM pg_inherits i
              JOIN pg_class c ON c.oid = i.inhrelid
             WHERE i.inhparent = 'os_mon.event'::regclass
            """)) {
      while (rows.next()) {
        String day = rows.getString(1).substring(PARTITION_PREFIX.length());
        try {
          bytesByDay.put(LocalDate.parse(day, DAY), rows.getLong(2));
        } catch (DateTimeParseException e) {
          LOG.trace("{} is the default partition", rows.getString(1));
        }
      }
    }
    return bytesByDay;
  }

  /** Days without a partition: a wrong clock, or what was read again after long. */
  private void trimDefaultPartition(Statement statement, LocalDate today) throws SQLException {
    statement.execute(
        "DELETE FROM os_mon.event_default WHERE at < '%s'".formatted(today.minusDays(EVENT_DAYS)));
    long bytes;
    try (ResultSet rows =
        statement.executeQuery("SELECT pg_total_relation_size('os_mon.event_default')")) {
      rows.next();
      bytes = rows.getLong(1);
    }
    if (bytes > eventBytes) {
      statement.execute("TRUNCATE os_mon.event_default");
      LOG.info("{} bytes of events of other days dropped for their bytes", bytes);
    }
  }

  private static void keepNewest(
      Statement statement, int limit, String table, String order, String condition)
      throws SQLException {
    statement.execute(
        """
        DELETE FROM %1$s WHERE ctid IN
          (SELECT ctid FROM %1$s WHERE %2$s ORDER BY %3$s DESC OFFSET %4$d)
        """
            .formatted(table, condition, order, limit));
  }
}
