package org.splitrack.fabric.embedded;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import java.util.TreeMap;

/**
 * The database of a rack and the roles that use it, made by the superuser before any service
 * starts. Schemas and grants are the table-service's migrations.
 */
public final class RackDatabase {
  public static final String NAME = "splitrack";

  /** Owns the schemas, migrates them and writes the mirror. */
  public static final String TABLES = "rack_tables";

  /** The global manager: the authoritative rows. */
  public static final String MANAGER = "rack_manager";

  /** Whoever asks: SELECT on schema {@code api}. */
  public static final String READER = "rack_reader";

  private static final Map<String, String> ROLE_LIMITS =
      Map.of(
          TABLES, "CONNECTION LIMIT 20",
          MANAGER, "CONNECTION LIMIT 20",
          READER, "CONNECTION LIMIT 30");

  private RackDatabase() {}

  /**
   * Makes what is missing; repeated, it only sets the passwords again.
   *
   * @param superuser connected to the database {@code postgres}, in autocommit mode
   * @param passwords by role; all three
   */
  public static void create(Connection superuser, Map<String, String> passwords)
      throws SQLException {
    create(superuser, NAME, passwords);
  }

  /** The same for a database of another name. */
  public static void create(Connection superuser, String database, Map<String, String> passwords)
      throws SQLException {
    try (Statement statement = superuser.createStatement()) {
      for (var role : new TreeMap<>(ROLE_LIMITS).entrySet()) {
        String password = passwords.get(role.getKey());
        if (password == null) {
          throw new IllegalArgumentException("no password for " + role.getKey());
        }
        if (!exists(statement, "SELECT FROM pg_roles WHERE rolname = '" + role.getKey() + "'")) {
          statement.execute("CREATE ROLE " + role.getKey());
        }
        statement.execute(
            "ALTER ROLE %s LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE %s PASSWORD %s"
                .formatted(role.getKey(), role.getValue(), statement.enquoteLiteral(password)));
      }
      statement.execute("ALTER ROLE " + READER + " SET statement_timeout = '10s'");
      statement.execute("ALTER ROLE " + READER + " SET default_transaction_read_only = on");
      statement.execute(
          "ALTER ROLE " + READER + " SET idle_in_transaction_session_timeout = '60s'");
      String name = statement.enquoteIdentifier(database, true);
      if (!exists(
          statement,
          "SELECT FROM pg_database WHERE datname = " + statement.enquoteLiteral(database))) {
        statement.execute("CREATE DATABASE " + name + " OWNER " + TABLES);
      }
      statement.execute("REVOKE ALL ON DATABASE " + name + " FROM PUBLIC");
      statement.execute("GRANT CONNECT ON DATABASE %s TO %s, %s".formatted(name, MANAGER, READER));
    }
  }

  private static boolean exists(Statement statement, String query) throws SQLException {
    try (ResultSet rows = statement.executeQuery(query)) {
      return rows.next();
    }
  }
}
