package org.splitrack.tables.internal.schema;

import java.sql.SQLException;
import org.flywaydb.core.Flyway;

/** Brings the schemas to the state that this version needs. */
public final class SchemaMigration {
  /** Holds Flyway's own table, apart from the rack's. */
  private static final String HISTORY_SCHEMA = "flyway";

  private SchemaMigration() {}

  /**
   * Runs what is missing; repeated, it changes nothing.
   *
   * @throws SQLException when the password cannot be read
   * @throws org.flywaydb.core.api.FlywayException when the database is away or a migration fails
   */
  public static void run(PostgresAccess postgres) throws SQLException {
    Flyway.configure()
        .dataSource(postgres.url(), postgres.user(), postgres.password())
        .defaultSchema(HISTORY_SCHEMA)
        .createSchemas(true)
        .locations("classpath:db/migration")
        .load()
        .migrate();
  }
}
