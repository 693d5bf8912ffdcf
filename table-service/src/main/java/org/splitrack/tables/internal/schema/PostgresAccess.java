package org.splitrack.tables.internal.schema;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.Properties;

/**
 * How the database is reached, as the owner of its schemas.
 *
 * @param url JDBC URL
 * @param passwordFile read at every connection, so that a new password needs no restart
 */
public record PostgresAccess(String url, String user, Path passwordFile) {
  private static final String CONNECT_LIMIT_S = "2";
  private static final String ANSWER_LIMIT_S = "60";

  /**
   * Opens a connection whose commits are on disk when they return.
   *
   * @throws SQLException also when the password cannot be read
   */
  public Connection open() throws SQLException {
    return open(new Properties());
  }

  /**
   * Opens a connection for what can be repeated: its commits are on disk a moment later, in order.
   * After a crash the database is as of some commit before, position and rows together.
   */
  public Connection openRepeatable() throws SQLException {
    var settings = new Properties();
    settings.setProperty("options", "-c synchronous_commit=off");
    return open(settings);
  }

  private Connection open(Properties settings) throws SQLException {
    settings.setProperty("user", user);
    settings.setProperty("password", password());
    settings.setProperty("ApplicationName", "table-service");
    settings.setProperty("connectTimeout", CONNECT_LIMIT_S);
    settings.setProperty("loginTimeout", CONNECT_LIMIT_S);
    settings.setProperty("socketTimeout", ANSWER_LIMIT_S);
    settings.setProperty("tcpKeepAlive", "true");
    settings.setProperty("reWriteBatchedInserts", "true");
    return DriverManager.getConnection(url, settings);
  }

  String password() throws SQLException {
    try {
      return Files.readString(passwordFile).strip();
    } catch (IOException e) {
      throw new SQLException("cannot read the password of " + user + ": " + e.getMessage(), e);
    }
  }
}
