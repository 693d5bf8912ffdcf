package org.splitrack.fabric.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.sql.DriverManager;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.splitrack.fabric.testkit.EmbeddedPostgres;

class RackDatabaseIT {
  private static final Map<String, String> QUOTED =
      Map.of(
          RackDatabase.TABLES, "it's \"new\" \\",
          RackDatabase.MANAGER, "m",
          RackDatabase.READER, "r");

  @Test
  void shouldTakeAPasswordWithQuotes() throws Exception {
    try (var postgres = EmbeddedPostgres.start();
        var superuser = postgres.superuser("postgres");
        var statement = superuser.createStatement()) {
      // given
      for (String role : RackDatabase.roles()) {
        statement.execute("ALTER ROLE " + role + " RENAME TO old_" + role);
      }

      // when
      for (String sql : RackDatabase.createRoles(QUOTED)) {
        statement.execute(sql);
      }

      // then
      try (var rows =
          statement.executeQuery(
              "SELECT rolpassword FROM pg_authid WHERE rolname = 'rack_tables'")) {
        rows.next();
        assertThat(rows.getString(1)).startsWith("SCRAM-SHA-256");
      }
    }
  }

  @Test
  void shouldLetOnlyTheOwnerMakeTables() throws Exception {
    try (var postgres = EmbeddedPostgres.start()) {
      // given
      try (var tables = DriverManager.getConnection(postgres.url(), RackDatabase.TABLES, "");
          var statement = tables.createStatement()) {
        statement.execute("CREATE TABLE kept AS SELECT 1 AS n");
      }

      for (String role : List.of(RackDatabase.MANAGER, RackDatabase.READER)) {
        try (var connection = DriverManager.getConnection(postgres.url(), role, "");
            var statement = connection.createStatement()) {
          // when, then
          assertThatThrownBy(() -> statement.execute("CREATE TABLE t (n int)"))
              .isInstanceOf(SQLException.class);
          assertThatThrownBy(() -> statement.execute("TABLE kept"))
              .isInstanceOf(SQLException.class)
              .hasMessageContaining("permission denied");
        }
      }
    }
  }

  @Test
  void shouldRefuseAnIncompleteSetOfPasswords() {
    assertThatThrownBy(() -> RackDatabase.createRoles(Map.of(RackDatabase.TABLES, "a")))
        .hasMessageContaining("no password for rack_manager");
  }
}
