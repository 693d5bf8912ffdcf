package org.splitrack.tables.internal.mirror;

import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.sql.Types;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.splitrack.fabric.report.StateEnvelope;
import tools.jackson.databind.json.JsonMapper;

/** Sets the parameters of a statement one after the other. */
final class Binder {
  private static final JsonMapper JSON = JsonMapper.shared();

  private final PreparedStatement statement;
  private int index;

  Binder(PreparedStatement statement) {
    this.statement = statement;
  }

  Binder text(@Nullable String value) throws SQLException {
    statement.setString(++index, value);
    return this;
  }

  Binder bigint(@Nullable Number value) throws SQLException {
    if (value == null) {
      statement.setNull(++index, Types.BIGINT);
    } else {
      statement.setLong(++index, value.longValue());
    }
    return this;
  }

  Binder integer(@Nullable Integer value) throws SQLException {
    statement.setObject(++index, value, Types.INTEGER);
    return this;
  }

  Binder real(@Nullable Number value) throws SQLException {
    statement.setObject(++index, value == null ? null : value.doubleValue(), Types.DOUBLE);
    return this;
  }

  Binder bool(boolean value) throws SQLException {
    statement.setBoolean(++index, value);
    return this;
  }

  Binder bytes(byte[] value) throws SQLException {
    statement.setBytes(++index, value);
    return this;
  }

  Binder time(@Nullable Instant value) throws SQLException {
    OffsetDateTime utc = value == null ? null : value.atOffset(ZoneOffset.UTC);
    statement.setObject(++index, utc, Types.TIMESTAMP_WITH_TIMEZONE);
    return this;
  }

  Binder texts(List<String> values) throws SQLException {
    statement.setArray(++index, statement.getConnection().createArrayOf("text", values.toArray()));
    return this;
  }

  Binder json(Map<String, ?> value) throws SQLException {
    statement.setObject(++index, JSON.writeValueAsString(value), Types.OTHER);
    return this;
  }

  /** The columns {@link Upsert#ORIGIN}. */
  Binder origin(StateEnvelope envelope) throws SQLException {
    return text(envelope.source())
        .text(envelope.boot().toString())
        .bigint(envelope.sequence())
        .time(envelope.at());
  }

  /** The row is complete; the next begins. */
  void addRow() throws SQLException {
    statement.addBatch();
    index = 0;
  }
}
