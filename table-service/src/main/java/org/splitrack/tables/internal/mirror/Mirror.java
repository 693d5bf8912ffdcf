package org.splitrack.tables.internal.mirror;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.splitrack.tables.internal.schema.PostgresAccess;

/**
 * Writes messages as rows, together with the offset to read on from, in one transaction: whatever
 * fails and whatever is read again, every change counts once. A message that cannot be a row is set
 * aside and the rest flows.
 *
 * <p>When a call fails nothing of it is in the tables, or all of it; the next call finds out which.
 * Thread-safe, one call at a time.
 */
public final class Mirror implements AutoCloseable {
  /** Beyond that many starts of components the oldest are forgotten, here as in the tables. */
  private static final int PUBLISHER_LIMIT = 2 * Retention.ROWS;

  private static final Logger LOG = LoggerFactory.getLogger(Mirror.class);

  private final PostgresAccess postgres;
  private final String topic;
  private final int partition;
  private String topicId = "";
  private long written;

  private @Nullable Connection connection;
  private @Nullable Progress progress;

  public Mirror(PostgresAccess postgres, String topic, int partition) {
    this.postgres = postgres;
    this.topic = topic;
    this.partition = partition;
  }

  /**
   * Where to read on.
   *
   * @param topicId Kafka's id of the topic: one that was made anew is read from its beginning
   */
  public synchronized long open(String topicId) throws SQLException {
    this.topicId = topicId;
    drop();
    return nextOffset();
  }

  /**
   * First offset that is not in the tables. After a crash of the database it may be lower than
   * before: its newest commits were not on disk yet.
   */
  synchronized long nextOffset() throws SQLException {
    try {
      return progress().nextOffset();
    } catch (SQLException e) {
      drop();
      throw e;
    }
  }

  /** Changes that became rows since the start. */
  public synchronized long written() {
    return written;
  }

  /**
   * Writes a batch.
   *
   * @throws SQLException when the database is away; the batch may be given again
   */
  synchronized void apply(List<Received> batch) throws SQLException {
    try {
      applyTogether(batch);
    } catch (SQLException | RuntimeException e) {
      drop();
      if (!isAboutTheData(e)) {
        throw e;
      }
      for (Received received : batch) {
        applyAlone(received);
      }
    }
  }

  private void applyAlone(Received received) throws SQLException {
    try {
      applyTogether(List.of(received));
    } catch (SQLException | RuntimeException e) {
      drop();
      if (!isAboutTheData(e)) {
        throw e;
      }
      setAside(received, e);
    }
  }

  private void applyTogether(List<Received> batch) throws SQLException {
    commit(BatchPlan.of(progress(), batch));
  }

  /** Its rows are refused: everything else about it is written. */
  private void setAside(Received received, Exception refusal) throws SQLException {
    // Of a batch only the exception behind says why.
    SQLException cause = refusal instanceof SQLException sql ? sql.getNextException() : null;
    String reason = "cannot be written: " + (cause == null ? refusal : cause).getMessage();
    commit(BatchPlan.of(progress(), List.of(received)).refusing(DeadLetter.of(received, reason)));
  }

  private void commit(BatchPlan plan) throws SQLException {
    Progress before = progress();
    if (plan.nextOffset() == before.nextOffset()) {
      return;
    }
    Connection open = connection();
    moveOffset(open, before.nextOffset(), plan.nextOffset());
    new StateRows(plan.fresh()).write(open);
    var bookkeeping = new Bookkeeping(open, topic, partition);
    bookkeeping.writePositions(plan.newest().values());
    bookkeeping.writeGaps(plan.gaps());
    bookkeeping.writeDeadLetters(plan.deadLetters());
    open.commit();
    before.advance(plan);
    written += plan.fresh().size();
    for (Gap gap : plan.gaps()) {
      LOG.warn(
          "changes {} to {} of {} (start {}) never came",
          gap.from(),
          gap.to(),
          gap.publisher().source(),
          gap.publisher().bootId());
    }
    for (DeadLetter letter : plan.deadLetters()) {
      LOG.warn(
          "message {} of {} set aside: {}", letter.received().offset(), topic, letter.reason());
    }
  }

  /** First, because it also keeps out a second mirror until the commit. */
  private void moveOffset(Connection open, long from, long to) throws SQLException {
    try (PreparedStatement statement =
        open.prepareStatement(
            """
            UPDATE os_mon.consumer_offset SET next_offset = ?
             WHERE topic = ? AND partition = ? AND topic_id = ? AND next_offset = ?
            """)) {
      new Binder(statement).bigint(to).text(topic).integer(partition).text(topicId).bigint(from);
      if (statement.executeUpdate() != 1) {
        throw new SQLException("another mirror has moved on from offset " + from);
      }
    }
  }

  /** What repeating cannot mend: refused values, broken constraints, a change without its parts. */
  private static boolean isAboutTheData(Exception e) {
    if (!(e instanceof SQLException sql)) {
      return true;
    }
    String state = sql.getSQLState();
    return state != null
        && (state.startsWith("22") || state.startsWith("23") || state.startsWith("54"));
  }

  private Connection connection() throws SQLException {
    if (connection == null) {
      connection = postgres.openRepeatable();
      connection.setAutoCommit(false);
    }
    return connection;
  }

  private Progress progress() throws SQLException {
    if (progress == null || progress.publishers() > PUBLISHER_LIMIT) {
      progress = load(connection());
    }
    return progress;
  }

  private Progress load(Connection open) throws SQLException {
    beginTopic(open);
    long nextOffset;
    try (PreparedStatement statement =
        open.prepareStatement(
            "SELECT next_offset FROM os_mon.consumer_offset WHERE topic = ? AND partition = ?")) {
      new Binder(statement).text(topic).integer(partition);
      try (ResultSet rows = statement.executeQuery()) {
        if (!rows.next()) {
          throw new SQLException("no offset of " + topic);
        }
        nextOffset = rows.getLong(1);
      }
    }
    Map<Publisher, Long> lastSequences = new HashMap<>();
    try (PreparedStatement statement =
            open.prepareStatement(
                "SELECT source, boot_id, last_seq FROM os_mon.mirror_position"
                    + " ORDER BY applied_at DESC LIMIT "
                    + Retention.ROWS);
        ResultSet rows = statement.executeQuery()) {
      while (rows.next()) {
        lastSequences.put(new Publisher(rows.getString(1), rows.getString(2)), rows.getLong(3));
      }
    }
    open.commit();
    return new Progress(nextOffset, lastSequences);
  }

  private void beginTopic(Connection open) throws SQLException {
    try (PreparedStatement statement =
        open.prepareStatement(
            """
            INSERT INTO os_mon.consumer_offset AS old (topic, partition, topic_id, next_offset)
            VALUES (?, ?, ?, 0)
            ON CONFLICT (topic, partition) DO UPDATE SET topic_id = excluded.topic_id, next_offset = 0
             WHERE old.topic_id <> excluded.topic_id
            """)) {
      new Binder(statement).text(topic).integer(partition).text(topicId);
      statement.executeUpdate();
    }
  }

  /** After a failure nothing in memory is believed. */
  private void drop() {
    Connection open = connection;
    connection = null;
    progress = null;
    if (open != null) {
      try {
        open.close();
      } catch (SQLException e) {
        LOG.debug("the connection was lost already: {}", e.getMessage());
      }
    }
  }

  @Override
  public synchronized void close() {
    drop();
  }
}
