package org.splitrack.tables.internal;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.splitrack.fabric.embedded.RackDatabase;
import org.splitrack.fabric.testkit.EmbeddedPostgres;
import org.splitrack.tables.internal.schema.PostgresAccess;

/** A database of a test's own on the PostgreSQL that all tests of this JVM share. */
public final class TestDatabase {
  private static final EmbeddedPostgres POSTGRES = EmbeddedPostgres.start();

  private final String url;
  private final Path passwordFile;

  private TestDatabase(String url, Path passwordFile) {
    this.url = url;
    this.passwordFile = passwordFile;
  }

  /** Empty but for the roles. */
  public static TestDatabase create() {
    try {
      Path passwordFile = Files.createTempFile("splitrack-", ".password");
      passwordFile.toFile().deleteOnExit();
      Files.writeString(passwordFile, "any\n");
      return new TestDatabase(POSTGRES.newDatabase(), passwordFile);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  /** The server below. */
  public static EmbeddedPostgres server() {
    return POSTGRES;
  }

  /** As table-service reaches it. */
  public PostgresAccess access() {
    return new PostgresAccess(url, RackDatabase.TABLES, passwordFile);
  }

  /** Runs a query as a role; each row as {@code a | b}. */
  public List<String> queryAs(String role, String query) throws SQLException {
    try (Connection connection = DriverManager.getConnection(url, role, "any");
        var statement = connection.createStatement();
        var rows = statement.executeQuery(query)) {
      int columns = rows.getMetaData().getColumnCount();
      var result = new ArrayList<String>();
      while (rows.next()) {
        var row = new ArrayList<String>();
        for (int column = 1; column <= columns; column++) {
          row.add(String.valueOf(rows.getString(column)));
        }
        result.add(String.join(" | ", row));
      }
      return result;
    }
  }

  /** As whoever may read the views only. */
  public List<String> query(String query) throws SQLException {
    return queryAs(RackDatabase.READER, query);
  }

  /** Runs a statement as a role. */
  public void executeAs(String role, String sql) throws SQLException {
    try (Connection connection = DriverManager.getConnection(url, role, "any");
        var statement = connection.createStatement()) {
      statement.execute(sql);
    }
  }
}
