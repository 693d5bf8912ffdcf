package org.splitrack.fabric.embedded;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The database of a rack and the roles that use it, made before any service starts. Schemas and
 * grants are the table-service's migrations.
 */
public final class RackDatabase {
  public static final String NAME = "splitrack";

  /** Owns the schemas, migrates them and writes the mirror. */
  public static final String TABLES = "rack_tables";

  /** The global manager: the authoritative rows. */
  public static final String MANAGER = "rack_manager";

  /** Whoever asks: SELECT on schema {@code api}. */
  public static final String READER = "rack_reader";

  /** All of them, each with the connections that it may have at once. */
  private static final Map<String, Integer> CONNECTION_LIMITS =
      Map.of(TABLES, 20, MANAGER, 20, READER, 30);

  private RackDatabase() {}

  /** The roles that log in. */
  public static List<String> roles() {
    return CONNECTION_LIMITS.keySet().stream().sorted().toList();
  }

  /**
   * Statements for the superuser of a new cluster: the roles.
   *
   * @param passwords by role; all of them, each generated
   */
  public static List<String> createRoles(Map<String, String> passwords) {
    List<String> statements = new ArrayList<>();
    // Iterations slow down guessing; a generated password of 256 bits cannot be guessed, and each
    // connection would pay for them.
    statements.add("SET scram_iterations = 1");
    for (var role : new TreeMap<>(CONNECTION_LIMITS).entrySet()) {
      String password = passwords.get(role.getKey());
      if (password == null) {
        throw new IllegalArgumentException("no password for " + role.getKey());
      }
      statements.add(
          "CREATE ROLE %s LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE CONNECTION LIMIT %d PASSWORD '%s'"
              .formatted(role.getKey(), role.getValue(), password.replace("'", "''")));
    }
    statements.add("ALTER ROLE " + READER + " SET statement_timeout = '10s'");
    statements.add("ALTER ROLE " + READER + " SET default_transaction_read_only = on");
    statements.add("ALTER ROLE " + READER + " SET idle_in_transaction_session_timeout = '60s'");
    return statements;
  }

  /**
   * Statements for the superuser: a database that these roles may use.
   *
   * @param database an identifier that needs no quotes
   */
  public static List<String> createDatabase(String database) {
    return List.of(
        "CREATE DATABASE " + database + " OWNER " + TABLES,
        "REVOKE ALL ON DATABASE " + database + " FROM PUBLIC",
        "GRANT CONNECT ON DATABASE %s TO %s, %s".formatted(database, MANAGER, READER));
  }
}
