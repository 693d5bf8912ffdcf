package org.splitrack.cli.internal.tables;

import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Properties;
import org.jspecify.annotations.Nullable;
import org.splitrack.cli.internal.Json;
import org.splitrack.cli.internal.RackFailure;
import org.splitrack.cli.internal.access.RackAccess;
import org.splitrack.cli.internal.output.Listing;
import org.splitrack.fabric.embedded.RackDatabase;

/**
 * The rack's tables, as the role {@code rack_reader} sees them: it may SELECT from the views of
 * schema {@code api} and nothing else. Not for several threads.
 */
public final class Tables implements AutoCloseable {
  /** SQLSTATE of a query that took longer than it may. */
  private static final String QUERY_CANCELED = "57014";

  private static final int FETCH_ROWS = 1_000;

  private final Connection connection;

  private Tables(Connection connection) {
    this.connection = connection;
  }

  /** Connects to those of a rack, as {@link #connect} does. */
  public static Tables of(RackAccess rack) {
    return connect(rack.jdbcUrl(), RackDatabase.READER, rack.readerPassword(), rack.advice());
  }

  /**
   * Connects.
   *
   * @param advice what to do when it does not answer
   * @throws RackFailure in one line when PostgreSQL does not answer
   */
  public static Tables connect(String url, String user, String password, String advice) {
    Properties properties = new Properties();
    properties.setProperty("user", user);
    properties.setProperty("password", password);
    properties.setProperty("connectTimeout", "5");
    properties.setProperty("loginTimeout", "5");
    properties.setProperty("ApplicationName", "rack");
    properties.setProperty("options", "-c TimeZone=UTC");
    try {
      Connection connection = DriverManager.getConnection(url, properties);
      connection.setReadOnly(true);
      // A cursor, so that a large answer is not held in memory; it needs a transaction.
      connection.setAutoCommit(false);
      return new Tables(connection);
    } catch (SQLException e) {
      throw RackFailure.failed(
          "postgres-0 does not answer (%s): %s".formatted(RackFailure.reason(e), advice));
    }
  }

  /**
   * What a query answered.
   *
   * @param cut there were more rows than the limit
   */
  public record Answer(Listing listing, boolean cut) {}

  /** Runs one statement. Parameters are bound in order. */
  public Answer query(String sql, int limit, Duration timeout, @Nullable Object... parameters) {
    try {
      try (Statement settings = connection.createStatement()) {
        settings.execute("SET LOCAL statement_timeout = " + timeout.toMillis());
      }
      try (PreparedStatement statement = connection.prepareStatement(sql)) {
        for (int i = 0; i < parameters.length; i++) {
          statement.setObject(i + 1, parameters[i]);
        }
        statement.setFetchSize(Math.min(limit + 1, FETCH_ROWS));
        statement.setMaxRows(limit + 1);
        boolean hasRows = statement.execute();
        Answer answer = hasRows ? read(statement.getResultSet(), limit) : nothing();
        if (statement.getMoreResults() || statement.getUpdateCount() != -1) {
          throw RackFailure.failed("one statement at a time: there is another after the semicolon");
        }
        return answer;
      } finally {
        connection.rollback();
      }
    } catch (SQLException e) {
      throw fault(e, timeout);
    }
  }

  private static Answer nothing() {
    return new Answer(new Listing(List.of(), List.of()), false);
  }

  private static RackFailure fault(SQLException e, Duration timeout) {
    if (QUERY_CANCELED.equals(e.getSQLState())) {
      return RackFailure.failed(
          "the query took longer than " + timeout.toMillis() + " ms: raise --timeout");
    }
    return RackFailure.failed(RackFailure.reason(e));
  }

  private static Answer read(ResultSet result, int limit) throws SQLException {
    ResultSetMetaData meta = result.getMetaData();
    List<String> columns = new ArrayList<>();
    for (int i = 1; i <= meta.getColumnCount(); i++) {
      columns.add(meta.getColumnLabel(i));
    }
    List<List<@Nullable Object>> rows = new ArrayList<>();
    while (result.next()) {
      if (rows.size() == limit) {
        return new Answer(new Listing(columns, rows), true);
      }
      List<@Nullable Object> row = new ArrayList<>();
      for (int i = 1; i <= columns.size(); i++) {
        row.add(value(result, i, meta.getColumnTypeName(i)));
      }
      rows.add(row);
    }
    return new Answer(new Listing(columns, rows), false);
  }

  private static @Nullable Object value(ResultSet result, int column, String type)
      throws SQLException {
    if (type.equals("timestamptz")) {
      OffsetDateTime at = result.getObject(column, OffsetDateTime.class);
      return at == null ? null : at.toInstant();
    }
    if (type.equals("json") || type.equals("jsonb")) {
      String json = result.getString(column);
      return json == null ? null : Json.MAPPER.readTree(json);
    }
    Object value = result.getObject(column);
    return switch (value) {
      case null -> null;
      case java.sql.Array array -> Arrays.asList((Object[]) array.getArray());
      case Boolean bool -> bool;
      case Number number -> number;
      case Object other -> other.toString();
    };
  }

  @Override
  public void close() {
    try {
      connection.close();
    } catch (SQLException e) {
      throw RackFailure.failed(RackFailure.reason(e));
    }
  }
}
