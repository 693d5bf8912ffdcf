package org.splitrack.tables.internal.schema;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.sql.SQLException;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.splitrack.fabric.embedded.RackDatabase;
import org.splitrack.tables.internal.TestDatabase;

/** The schemas on a real PostgreSQL: what users rely on, and who may do what. */
class SchemaIT {
  private static final TestDatabase DATABASE = TestDatabase.create();

  @BeforeAll
  static void migrate() throws SQLException {
    SchemaMigration.run(DATABASE.access());
  }

  @Test
  void shouldKeepNamesTypesAndOrderOfTheColumnsOfEveryView() throws Exception {
    // when
    var columns =
        DATABASE.queryAs(
            RackDatabase.TABLES,
            """
            SELECT c.relname || '.' || a.attname || ' ' || format_type(a.atttypid, a.atttypmod)
              FROM pg_attribute a
              JOIN pg_class c ON c.oid = a.attrelid
             WHERE c.relnamespace = 'api'::regnamespace AND a.attnum > 0
             ORDER BY c.relname, a.attnum
            """);

    // then
    assertThat(columns).containsExactlyElementsOf(golden().lines().toList());
  }

  @Test
  void shouldChangeNothingWhenMigratedAgain() {
    assertThatCode(() -> SchemaMigration.run(DATABASE.access())).doesNotThrowAnyException();
  }

  @Test
  void shouldExplainEveryTableViewAndColumn() throws Exception {
    // when
    var unexplained =
        DATABASE.queryAs(
            RackDatabase.TABLES,
            """
            SELECT c.oid::regclass || coalesce('.' || a.attname, '')
              FROM pg_class c
              JOIN pg_namespace n ON n.oid = c.relnamespace
              LEFT JOIN pg_attribute a
                ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped AND c.relkind <> 'S'
             WHERE (n.nspname = 'api' OR n.nspname LIKE 'os\\_%')
               AND c.relkind IN ('r', 'p', 'v', 'm', 'S')
               AND NOT c.relispartition
               AND (obj_description(c.oid, 'pg_class') IS NULL
                    OR a.attnum IS NOT NULL AND col_description(c.oid, a.attnum) IS NULL)
             ORDER BY 1
            """);

    // then
    assertThat(unexplained).isEmpty();
  }

  @Test
  void shouldExplainEverySchema() throws Exception {
    assertThat(
            DATABASE.queryAs(
                RackDatabase.TABLES,
                """
                SELECT nspname FROM pg_namespace
                 WHERE (nspname = 'api' OR nspname LIKE 'os\\_%')
                   AND obj_description(oid, 'pg_namespace') IS NULL
                """))
        .isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "SELECT * FROM os_sched.process",
        "SELECT * FROM os_mon.mirror_position",
        "SELECT nextval('os_sched.process_id')",
        "SELECT * FROM os_mem.migration",
        "SELECT * FROM flyway.flyway_schema_history",
        "INSERT INTO api.components (component) VALUES ('x')",
        "DELETE FROM api.processes",
        "CREATE TABLE t (n int)",
        "CREATE TEMP TABLE t (n int)",
        "SET ROLE rack_tables",
        "COPY (SELECT 1) TO PROGRAM 'true'"
      })
  void shouldLetTheReaderOnlyReadTheViews(String sql) {
    assertThatThrownBy(() -> DATABASE.executeAs(RackDatabase.READER, sql))
        .isInstanceOf(SQLException.class);
  }

  @Test
  void shouldStopTheReaderAfterItsTime() throws Exception {
    assertThat(DATABASE.query("SHOW statement_timeout")).containsExactly("10s");
  }

  @Test
  void shouldGiveTheManagerItsNumbersAndTheMirrorsPosition() throws Exception {
    assertThat(
            DATABASE.queryAs(
                RackDatabase.MANAGER,
                "SELECT nextval('os_sched.process_id'), nextval('os_mem.region_id'),"
                    + " nextval('os_mem.migration_id'), nextval('os_mem.failover_id')"))
        .containsExactly("1 | 1 | 1 | 1");
    assertThat(DATABASE.queryAs(RackDatabase.MANAGER, "SELECT * FROM os_mon.mirror_position"))
        .isEmpty();
    assertThat(DATABASE.queryAs(RackDatabase.MANAGER, "SELECT * FROM api.regions")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "DELETE FROM os_sched.process",
        "UPDATE os_mon.mirror_position SET last_seq = 0",
        "DROP TABLE os_mon.event"
      })
  void shouldNotLetTheManagerTouchTheMirror(String sql) {
    assertThatThrownBy(() -> DATABASE.executeAs(RackDatabase.MANAGER, sql))
        .isInstanceOf(SQLException.class);
  }

  @Test
  void shouldShowFilesWithTheirFewestCopies() throws Exception {
    // given a file of two parts, one of them on two sComponents, and an empty file
    DATABASE.executeAs(
        RackDatabase.MANAGER,
        """
        INSERT INTO os_fs.inode (inode, tenant, kind, bytes, mode) VALUES
          (1001, 't', 'dir', 0, 493), (1002, 't', 'file', 8000000, 420), (1003, 't', 'file', 0, 420);
        INSERT INTO os_fs.dirent (tenant, parent, name, inode) VALUES
          ('t', 0, '', 1001), ('t', 1001, 'a', 1002), ('t', 1001, 'b', 1003);
        INSERT INTO os_fs.extent (inode, index, extent, scomponent, healthy) VALUES
          (1002, 0, 1, 'scomponent-0', true), (1002, 0, 1, 'scomponent-1', false),
          (1002, 1, 2, 'scomponent-0', false);
        """);

    // then
    assertThat(
            DATABASE.query(
                "SELECT path, bytes, mode, version, replicas, healthy FROM api.files"
                    + " WHERE tenant = 't' ORDER BY path"))
        .containsExactly("/a | 8000000 | 420 | 1 | 1 | f", "/b | 0 | 420 | 1 | 0 | t");
    assertThat(DATABASE.query("SELECT path, index, component FROM api.extents ORDER BY 2, 3"))
        .containsExactly("/a | 0 | scomponent-0", "/a | 0 | scomponent-1", "/a | 1 | scomponent-0");
  }

  private static String golden() throws IOException {
    try (var stream = SchemaIT.class.getResourceAsStream("api-views.txt")) {
      assertThat(stream).isNotNull();
      return new String(stream.readAllBytes(), UTF_8);
    }
  }
}
