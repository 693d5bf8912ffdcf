package org.splitrack.cli.internal.machine;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import org.splitrack.cli.internal.Progress;
import org.splitrack.cli.internal.RackFailure;
import org.splitrack.fabric.ComponentId;
import org.splitrack.fabric.Role;
import org.splitrack.fabric.embedded.PostgresAccount;
import org.splitrack.fabric.embedded.PostgresInstallation;
import org.splitrack.fabric.embedded.RackDatabase;

/**
 * PostgreSQL under our own configuration: on loopback only, every commit on disk before it is
 * answered, and no superuser who could log in.
 */
final class PostgresServer {
  static final ComponentId ID = new ComponentId(Role.POSTGRES, 0);

  /** Which postmaster is at work; also says when it answers queries. */
  private static final String LOCK = "postmaster.pid";

  private static final Duration LEFTOVERS_PATIENCE = Duration.ofSeconds(10);
  private static final long LEFTOVERS_POLL_NS = 20_000_000;

  private static final Map<String, String> PARAMETERS =
      Map.ofEntries(
          Map.entry("max_connections", "80"),
          Map.entry("shared_buffers", "48MB"),
          Map.entry("work_mem", "4MB"),
          Map.entry("maintenance_work_mem", "32MB"),
          Map.entry("fsync", "on"),
          Map.entry("synchronous_commit", "on"),
          Map.entry("full_page_writes", "on"),
          Map.entry("wal_level", "minimal"),
          Map.entry("max_wal_senders", "0"),
          Map.entry("max_wal_size", "256MB"),
          Map.entry("min_wal_size", "64MB"),
          Map.entry("io_method", "sync"),
          Map.entry("jit", "off"),
          Map.entry("max_worker_processes", "2"),
          Map.entry("max_parallel_workers", "0"),
          Map.entry("max_logical_replication_workers", "0"),
          Map.entry("log_min_messages", "log"),
          Map.entry("log_checkpoints", "off"),
          Map.entry("log_autovacuum_min_duration", "-1"),
          Map.entry("log_timezone", "UTC"),
          Map.entry("timezone", "UTC"));

  private final StateDirectory state;
  private final PostgresInstallation installation;
  private final int port;

  PostgresServer(StateDirectory state, PostgresInstallation installation, int port) {
    this.state = state;
    this.installation = installation;
    this.port = port;
  }

  /** The programs, unpacked once per user. */
  static PostgresInstallation install() {
    try {
      return PostgresInstallation.unpack(cacheFolder());
    } catch (IOException e) {
      throw RackFailure.failed("cannot unpack PostgreSQL: " + RackFailure.reason(e));
    }
  }

  /** Root's PostgreSQL may run as nobody, who cannot look into root's home. */
  private static Path cacheFolder() throws IOException {
    if (PostgresAccount.isRoot()) {
      return Path.of("/var/cache/splitrack");
    }
    String cache = System.getenv("XDG_CACHE_HOME");
    return cache != null && !cache.isBlank()
        ? Path.of(cache, "splitrack")
        : Path.of(System.getProperty("user.home"), ".cache", "splitrack");
  }

  /** The file with a role's password. */
  static Path password(Secrets secrets, String role) {
    return secrets.postgres(role.substring("rack_".length()));
  }

  private Path data() {
    return state.data(ID.toString());
  }

  /** Makes the database at the first start, and says who may log in at each. */
  ComponentLaunch prepare(Progress progress) {
    try {
      if (!Files.exists(data())) {
        progress.say("making the database");
        create();
      }
      removeStaleLock();
      Files.writeString(
          data().resolve("pg_hba.conf"),
          "host %s %s 127.0.0.1/32 scram-sha-256\n"
              .formatted(RackDatabase.NAME, String.join(",", RackDatabase.roles())));
    } catch (IOException e) {
      throw RackFailure.failed("cannot make the database: " + RackFailure.reason(e));
    }
    Path log = state.log(ID.toString());
    return new ComponentLaunch(
        ID,
        installation.serverCommand(data(), port, PARAMETERS),
        StateDirectory.plainEnvironment(),
        data(),
        log,
        log,
        0,
        0,
        this::ready);
  }

  /**
   * Of a postmaster that was killed. PostgreSQL would take even its remains, which its parent has
   * not taken note of yet, for a server that runs; so this looks itself whether anyone works there.
   */
  private void removeStaleLock() throws IOException {
    Path lock = data().resolve(LOCK);
    if (!Files.exists(lock)) {
      return;
    }
    long endNs = System.nanoTime() + LEFTOVERS_PATIENCE.toNanos();
    while (ProcessMark.anyWorkingIn(data())) {
      if (System.nanoTime() - endNs > 0) {
        throw RackFailure.failed(
            "processes of an earlier postgres-0 still work in %s: end them first"
                .formatted(data()));
      }
      LockSupport.parkNanos(LEFTOVERS_POLL_NS);
    }
    Files.deleteIfExists(lock);
  }

  /** Made under another name first: a start that was cut short leaves no half of a database. */
  private void create() throws IOException {
    Path unfinished = state.data(ID + ".unfinished");
    if (Files.exists(unfinished)) {
      new StateDirectory(unfinished).delete();
    }
    Map<String, String> passwords = new HashMap<>();
    for (String role : RackDatabase.roles()) {
      passwords.put(role, Secrets.read(password(state.secrets(), role)));
    }
    List<String> statements = new ArrayList<>(RackDatabase.createRoles(passwords));
    statements.addAll(RackDatabase.createDatabase(RackDatabase.NAME));
    installation.createCluster(unfinished, statements);
    Files.move(unfinished, data(), StandardCopyOption.ATOMIC_MOVE);
  }

  /** The postmaster writes this line when it answers queries; {@code pg_ctl} looks there too. */
  private boolean ready() {
    try {
      List<String> lines = Files.readAllLines(data().resolve(LOCK));
      return lines.size() > 7 && lines.get(7).strip().equals("ready");
    } catch (IOException notYet) {
      return false;
    }
  }
}
