package org.splitrack.manager.internal.authority;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.stream.Stream;
import org.splitrack.fabric.embedded.RackDatabase;
import org.splitrack.fabric.testkit.EmbeddedPostgres;
import org.springframework.jdbc.core.simple.JdbcClient;

/** A new database with all tables of a rack, on one PostgreSQL for all tests of this JVM. */
public final class AuthorityTables implements AutoCloseable {
  private static final EmbeddedPostgres POSTGRES = EmbeddedPostgres.start();
  private static final Path MIGRATIONS =
      Path.of("../table-service/src/main/resources/db/migration");

  private final HikariDataSource dataSource;
  private final String url;

  public AuthorityTables() {
    url = POSTGRES.newDatabase();
    migrate(url);
    HikariConfig config = new HikariConfig();
    config.setJdbcUrl(url);
    config.setUsername(RackDatabase.MANAGER);
    config.setPassword("any");
    config.setMaximumPoolSize(8);
    config.setMinimumIdle(0);
    config.setConnectionTimeout(1_000);
    config.setValidationTimeout(500);
    config.addDataSourceProperty("options", "-c synchronous_commit=on");
    dataSource = new HikariDataSource(config);
  }

  /** Makes all tables, as table-service does. */
  public static void migrate(String url) {
    try (Connection owner = DriverManager.getConnection(url, RackDatabase.TABLES, "any");
        Statement statement = owner.createStatement()) {
      for (Path migration : migrations()) {
        statement.execute(Files.readString(migration));
      }
    } catch (SQLException | IOException e) {
      throw new IllegalStateException("the tables could not be made", e);
    }
  }

  private static List<Path> migrations() throws IOException {
    try (Stream<Path> files = Files.list(MIGRATIONS)) {
      return files.filter(file -> file.toString().endsWith(".sql")).sorted().toList();
    }
  }

  HikariDataSource dataSource() {
    return dataSource;
  }

  JdbcClient jdbc() {
    return JdbcClient.create(dataSource);
  }

  String url() {
    return url;
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
