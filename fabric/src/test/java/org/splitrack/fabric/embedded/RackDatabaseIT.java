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
  private static final Map<String, String> FIRST =
      Map.of(RackDatabase.TABLES, "a", RackDatabase.MANAGER, "b", RackDatabase.READER, "c");
  private static final Map<String, String> SECOND =
      Map.of(
          RackDatabase.TABLES, "it's \"new\" \\",
          RackDatabase.MANAGER, "m",
          RackDatabase.READER, "r");

  @Test
  void shouldOnlySetThePasswordsAgainWhenRepeated() throws Exception {
    try (var postgres = EmbeddedPostgres.start();
        var superuser = postgres.superuser("postgres");
        var statement = superuser.createStatement()) {
      // given
      RackDatabase.create(superuser, FIRST);
      String secretsQuery =
          "SELECT string_agg(rolpassword, ' ') FROM pg_authid WHERE rolname LIKE 'rack%'";
      String before;
      try (var rows = statement.executeQuery(secretsQuery)) {
        rows.next();
        before = rows.getString(1);
      }

      // when
      RackDatabase.create(superuser, SECOND);

      // then
      try (var rows = statement.executeQuery(secretsQuery)) {
        rows.next();
        assertThat(rows.getString(1)).isNotEqualTo(before).contains("SCRAM-SHA-256");
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
  void shouldRefuseAnIncompleteSetOfPasswords() throws Exception {
    try (var postgres = EmbeddedPostgres.start();
        var superuser = postgres.superuser("postgres")) {
      assertThatThrownBy(() -> RackDatabase.create(superuser, Map.of(RackDatabase.TABLES, "a")))
          .hasMessageContaining("no password for rack_manager");
    }
  }
}
