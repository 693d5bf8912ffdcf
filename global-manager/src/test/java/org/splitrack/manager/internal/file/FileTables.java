package org.splitrack.manager.internal.file;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import org.splitrack.fabric.embedded.RackDatabase;
import org.splitrack.fabric.testkit.EmbeddedPostgres;
import org.springframework.jdbc.core.simple.JdbcClient;

/** A new database with the file tables, on one PostgreSQL for all tests of this JVM. */
final class FileTables implements AutoCloseable {
  private static final EmbeddedPostgres POSTGRES = EmbeddedPostgres.start();
  private static final Path MIGRATION =
      Path.of("../table-service/src/main/resources/db/migration/V2__os_fs.sql");

  private final HikariDataSource dataSource;

  FileTables() {
    String url = POSTGRES.newDatabase();
    try (Connection owner = DriverManager.getConnection(url, RackDatabase.TABLES, "any");
        Statement statement = owner.createStatement()) {
      statement.execute(Files.readString(MIGRATION));
    } catch (SQLException | IOException e) {
      throw new IllegalStateException("the file tables could not be made", e);
    }
    HikariConfig config = new HikariConfig();
    config.setJdbcUrl(url);
    config.setUsername(RackDatabase.MANAGER);
    config.setPassword("any");
    config.setMaximumPoolSize(8);
    config.setConnectionTimeout(2_000);
    dataSource = new HikariDataSource(config);
  }

  HikariDataSource dataSource() {
    return dataSource;
  }

  JdbcClient jdbc() {
    return JdbcClient.create(dataSource);
  }

  long count(String table) {
    return jdbc().sql("SELECT count(*) FROM " + table).query(Long.class).single();
  }

  /** The server, for tests that kill and restart it. */
  static EmbeddedPostgres server() {
    return POSTGRES;
  }

  @Override
  public void close() {
    dataSource.close();
  }
}
