package org.splitrack.tables.internal.mirror;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.Collection;
import java.util.List;
import org.splitrack.fabric.report.StateEnvelope;

/** The mirror's rows about itself, in the transaction of what they are about. */
final class Bookkeeping {
  /** What is kept of a message that was set aside. */
  private static final int HEAD_LIMIT_BYTES = 4096;

  private static final String POSITION =
      """
      INSERT INTO os_mon.mirror_position AS old (source, boot_id, last_seq, at, applied_at)
      VALUES (?, ?, ?, ?, now())
      ON CONFLICT (source, boot_id) DO UPDATE
        SET last_seq = excluded.last_seq, at = excluded.at, applied_at = excluded.applied_at
      """;

  private static final String GAP =
      """
      INSERT INTO os_mon.gap (source, boot_id, from_seq, to_seq, noticed_at)
      VALUES (?, ?, ?, ?, now()) ON CONFLICT DO NOTHING
      """;

  private static final String DEAD_LETTER =
      """
      INSERT INTO os_mon.dead_letter
        (topic, partition, record_offset, reason, value, value_bytes, noticed_at)
      VALUES (?, ?, ?, ?, ?, ?, now()) ON CONFLICT DO NOTHING
      """;

  private final Connection connection;
  private final String topic;
  private final int partition;

  Bookkeeping(Connection connection, String topic, int partition) {
    this.connection = connection;
    this.topic = topic;
    this.partition = partition;
  }

  void writePositions(Collection<StateEnvelope> newest) throws SQLException {
    try (PreparedStatement statement = connection.prepareStatement(POSITION)) {
      var binder = new Binder(statement);
      for (StateEnvelope envelope : newest) {
        binder
            .text(envelope.source())
            .text(envelope.boot().toString())
            .bigint(envelope.sequence())
            .time(envelope.at())
            .addRow();
      }
      statement.executeBatch();
    }
  }

  void writeGaps(List<Gap> gaps) throws SQLException {
    if (gaps.isEmpty()) {
      return;
    }
    try (PreparedStatement statement = connection.prepareStatement(GAP)) {
      var binder = new Binder(statement);
      for (Gap gap : gaps) {
        binder
            .text(gap.publisher().source())
            .text(gap.publisher().bootId())
            .bigint(gap.from())
            .bigint(gap.to())
            .addRow();
      }
      statement.executeBatch();
    }
  }

  void writeDeadLetters(List<DeadLetter> letters) throws SQLException {
    if (letters.isEmpty()) {
      return;
    }
    try (PreparedStatement statement = connection.prepareStatement(DEAD_LETTER)) {
      var binder = new Binder(statement);
      for (DeadLetter letter : letters) {
        binder
            .text(topic)
            .integer(partition)
            .bigint(letter.received().offset())
            .text(letter.reason())
            .bytes(letter.received().head(HEAD_LIMIT_BYTES))
            .integer(letter.received().value().length)
            .addRow();
      }
      statement.executeBatch();
    }
  }
}
