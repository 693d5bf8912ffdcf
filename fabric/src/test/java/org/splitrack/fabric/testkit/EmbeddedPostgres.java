package org.splitrack.fabric.testkit;

import static org.awaitility.Awaitility.await;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.splitrack.fabric.embedded.PostgresInstallation;
import org.splitrack.fabric.embedded.RackDatabase;

/**
 * A PostgreSQL server of a test's own, from zonky's binaries, in a new temporary folder and on a
 * free loopback port. It has a database {@code splitrack} and the roles that a rack has; everyone
 * may log in with any password; nothing is synced to disk. Ends with {@link #close} or the JVM.
 *
 * <p>Modules that use it need the JDBC driver, commons-compress, xz and the binaries in test scope.
 */
public final class EmbeddedPostgres implements AutoCloseable {
  private static final Path UNPACKED =
      Path.of(System.getProperty("java.io.tmpdir"), "splitrack-test-postgres");

  /** SQLSTATE of a server that lets nobody in so. */
  private static final String REFUSED = "28000";

  private static final String ANYBODY = "host all all 127.0.0.1/32 trust\n";

  private static final String PASSWORD = "any";
  private static final Map<String, String> PASSWORDS =
      Map.of(
          RackDatabase.TABLES, PASSWORD,
          RackDatabase.MANAGER, PASSWORD,
          RackDatabase.READER, PASSWORD);

  private final PostgresInstallation installation;
  private final Path folder;
  private final int port;
  private final Map<String, String> parameters;
  private final ServerProcess server;
  private final AtomicInteger databases = new AtomicInteger();

  private EmbeddedPostgres(
      PostgresInstallation installation, Path folder, int port, Map<String, String> parameters) {
    this.installation = installation;
    this.folder = folder;
    this.server = new ServerProcess(folder);
    this.port = port;
    this.parameters = parameters;
  }

  /** Starts one and waits until it answers. */
  public static EmbeddedPostgres start() {
    return start(
        ANYBODY, Map.of("shared_buffers", "32MB", "fsync", "off", "max_connections", "60"));
  }

  /**
   * Starts one that lets in whom it is told to. Passwords are {@code any}.
   *
   * @param access its {@code pg_hba.conf}
   * @param parameters of its {@code postgresql.conf}
   */
  public static EmbeddedPostgres start(String access, Map<String, String> parameters) {
    try {
      var installation = PostgresInstallation.unpack(UNPACKED);
      Path folder = Files.createTempDirectory("splitrack-postgres-");
      Path data = folder.resolve("data");
      List<String> statements = new ArrayList<>(RackDatabase.createRoles(PASSWORDS));
      statements.addAll(RackDatabase.createDatabase(RackDatabase.NAME));
      installation.createCluster(data, statements);
      Files.writeString(data.resolve("pg_hba.conf"), access);
      var postgres = new EmbeddedPostgres(installation, folder, FreePorts.next(), parameters);
      postgres.restart();
      return postgres;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** JDBC URL of the database {@code splitrack}. */
  public String url() {
    return url(RackDatabase.NAME);
  }

  /** Makes a database that is empty but for the rack's roles; its JDBC URL. */
  public String newDatabase() {
    String name = "test_" + databases.incrementAndGet();
    createDatabase(name);
    return url(name);
  }

  public int port() {
    return port;
  }

  /** Ends the server as SIGKILL does; {@link #restart} recovers what it had written. */
  public void kill() {
    server.kill();
  }

  /** Starts the server again after {@link #kill}, on the same port, and waits until it answers. */
  public void restart() {
    File log = folder.resolve("log").toFile();
    server.start(
        new ProcessBuilder(installation.serverCommand(folder.resolve("data"), port, parameters))
            .directory(folder.resolve("data").toFile())
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log)));
    await("PostgreSQL of " + folder)
        .atMost(Duration.ofMinutes(1))
        .pollInterval(Duration.ofMillis(50))
        .until(this::answers);
  }

  /** Also when all that it says is no. */
  private boolean answers() {
    try {
      superuser("postgres").close();
      return true;
    } catch (SQLException e) {
      return REFUSED.equals(e.getSQLState());
    }
  }

  /** Connected to a database of this name as the superuser. */
  public Connection superuser(String database) throws SQLException {
    return DriverManager.getConnection(url(database), PostgresInstallation.SUPERUSER, PASSWORD);
  }

  @Override
  public void close() {
    server.close();
  }

  private void createDatabase(String name) {
    try (Connection superuser = superuser("postgres");
        Statement statement = superuser.createStatement()) {
      for (String sql : RackDatabase.createDatabase(name)) {
        statement.execute(sql);
      }
    } catch (SQLException e) {
      throw new IllegalStateException("cannot make database " + name, e);
    }
  }

  private String url(String database) {
    return "jdbc:postgresql://127.0.0.1:" + port + "/" + database;
  }
}
