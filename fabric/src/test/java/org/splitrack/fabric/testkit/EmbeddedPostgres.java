package org.splitrack.fabric.testkit;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.tukaani.xz.XZInputStream;

/**
 * A PostgreSQL server of a test's own, from zonky's binaries, in a new temporary folder and on a
 * free loopback port. It has a database {@code splitrack} and the roles that a rack has; everyone
 * may log in without a password; nothing is synced to disk. Ends with {@link #close} or the JVM.
 *
 * <p>Modules that use it need {@code xz} and the binaries in test scope.
 */
public final class EmbeddedPostgres implements AutoCloseable {
  private static final String VERSION = "18.6.0";
  private static final int START_TIMEOUT_S = 60;

  /** PostgreSQL refuses to run as root, so root runs it as this user: nobody. */
  private static final String UNPRIVILEGED_ID = "65534";

  private final Path folder;
  private final int port;
  private final Thread hook = new Thread(this::end, "postgres-end");
  private volatile @Nullable Process server;

  private EmbeddedPostgres(Path folder, int port) {
    this.folder = folder;
    this.port = port;
  }

  /** Starts one and waits until it answers. */
  public static EmbeddedPostgres start() {
    try {
      Path binaries = unpacked();
      Path folder = Files.createTempDirectory("splitrack-postgres-");
      int port;
      try (ServerSocket probe = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
        port = probe.getLocalPort();
      }
      EmbeddedPostgres postgres = new EmbeddedPostgres(folder, port);
      Runtime.getRuntime().addShutdownHook(postgres.hook);
      postgres.initialise(binaries);
      postgres.makeRolesAndDatabase(binaries);
      postgres.startServer(binaries);
      return postgres;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** JDBC URL of the database {@code splitrack}; any password will do. */
  public String url() {
    return "jdbc:postgresql://127.0.0.1:" + port + "/splitrack";
  }

  public int port() {
    return port;
  }

  /** Ends the server as SIGKILL does; {@link #restart} recovers what it had written. */
  public void kill() {
    Process running = server;
    if (running != null && running.isAlive()) {
      running.descendants().forEach(ProcessHandle::destroyForcibly);
      running.destroyForcibly();
      await(running);
    }
  }

  /** Starts the server again after {@link #kill}, on the same port. */
  public void restart() {
    try {
      startServer(unpacked());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    end();
    Runtime.getRuntime().removeShutdownHook(hook);
  }

  private void end() {
    shutDownAtOnce();
    kill();
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(file);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Lets the server take its own children along. */
  private void shutDownAtOnce() {
    Process running = server;
    if (running != null && running.isAlive()) {
      try {
        await(new ProcessBuilder("kill", "-QUIT", Long.toString(running.pid())).start());
        await(running);
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private void initialise(Path binaries) throws IOException {
    if (isRoot()) {
      run(List.of("chown", UNPRIVILEGED_ID + ":" + UNPRIVILEGED_ID, folder.toString()), "");
    }
    run(
        unprivileged(
            binaries.resolve("bin/initdb").toString(),
            "--pgdata=" + folder.resolve("data"),
            "--auth=trust",
            "--username=postgres",
            "--encoding=UTF-8",
            "--locale=C",
            "--no-sync"),
        "");
  }

  private void startServer(Path binaries) throws IOException {
    Process process =
        new ProcessBuilder(
                unprivileged(
                    binaries.resolve("bin/postgres").toString(),
                    "-D",
                    folder.resolve("data").toString(),
                    "-c",
                    "listen_addresses=127.0.0.1",
                    "-c",
                    "port=" + port,
                    "-c",
                    "unix_socket_directories=",
                    "-c",
                    "fsync=off",
                    "-c",
                    "max_connections=50",
                    "-c",
                    "shared_buffers=32MB"))
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .start();
    server = process;
    BlockingQueue<String> outcome = new ArrayBlockingQueue<>(1);
    Thread.ofVirtual().start(() -> watch(process, outcome));
    try {
      String line = outcome.poll(START_TIMEOUT_S, TimeUnit.SECONDS);
      if (line == null || !line.contains("ready to accept connections")) {
        throw new IOException("PostgreSQL did not start: " + line);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while PostgreSQL started", e);
    }
  }

  /** Reads the log to its end, so that the server never blocks on it. */
  private static void watch(Process process, BlockingQueue<String> outcome) {
    String last = "no output";
    try (BufferedReader log = process.inputReader(StandardCharsets.UTF_8)) {
      for (String line = log.readLine(); line != null; line = log.readLine()) {
        last = line;
        if (line.contains("ready to accept connections")) {
          outcome.offer(line);
        }
      }
    } catch (IOException e) {
      last = e.toString();
    }
    outcome.offer(last);
  }

  /** Before the server's start, as a single user: the binaries hold no client. */
  private void makeRolesAndDatabase(Path binaries) throws IOException {
    run(
        unprivileged(
            binaries.resolve("bin/postgres").toString(),
            "--single",
            "-F",
            "-D",
            folder.resolve("data").toString(),
            "postgres"),
        """
        CREATE ROLE rack_tables LOGIN
        CREATE ROLE rack_manager LOGIN
        CREATE ROLE rack_reader LOGIN
        CREATE DATABASE splitrack OWNER rack_tables
        """);
  }

  private static List<String> unprivileged(String... command) {
    List<String> line = new ArrayList<>();
    if (isRoot()) {
      line.addAll(
          List.of(
              "setpriv",
              "--reuid=" + UNPRIVILEGED_ID,
              "--regid=" + UNPRIVILEGED_ID,
              "--clear-groups"));
    }
    line.addAll(List.of(command));
    return line;
  }

  private static boolean isRoot() {
    return System.getProperty("user.name").equals("root");
  }

  private void run(List<String> command, String input) throws IOException {
    Process process =
        new ProcessBuilder(command)
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("setup.log").toFile())
            .start();
    try (OutputStream in = process.getOutputStream()) {
      in.write(input.getBytes(StandardCharsets.UTF_8));
    }
    await(process);
    if (process.exitValue() != 0) {
      throw new IOException(
          command + " failed: " + Files.readString(folder.resolve("setup.log")).strip());
    }
  }

  private static void await(Process process) {
    try {
      if (!process.waitFor(START_TIMEOUT_S, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new IllegalStateException(process.info().command() + " does not end");
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }

  /** Unpacked once per machine and user: into a folder of its own, then renamed into place. */
  private static synchronized Path unpacked() throws IOException {
    Path target =
        Path.of(
            System.getProperty("java.io.tmpdir"),
            "splitrack-postgres-" + VERSION + "-" + System.getProperty("user.name"));
    if (Files.exists(target)) {
      return target;
    }
    Path fresh =
        Files.createTempDirectory(
            target.getParent(),
            "splitrack-unpack-",
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    try (InputStream archive = new XZInputStream(resource("/" + archiveName()))) {
      Process tar =
          new ProcessBuilder("tar", "-x", "-C", fresh.toString())
              .inheritIO()
              .redirectInput(ProcessBuilder.Redirect.PIPE)
              .start();
      try (OutputStream in = tar.getOutputStream()) {
        archive.transferTo(in);
      }
      await(tar);
      if (tar.exitValue() != 0) {
        throw new IOException("tar could not unpack " + archiveName());
      }
    }
    Files.setPosixFilePermissions(fresh, PosixFilePermissions.fromString("rwxr-xr-x"));
    try {
      Files.move(fresh, target, StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      if (!Files.exists(target)) {
        throw e;
      }
    }
    return target;
  }

  private static InputStream resource(String name) throws IOException {
    InputStream stream = EmbeddedPostgres.class.getResourceAsStream(name);
    if (stream == null) {
      throw new IOException(name + " is not on the class path; add zonky's binaries to it");
    }
    return stream;
  }

  private static String archiveName() {
    String architecture = System.getProperty("os.arch").toLowerCase(Locale.ROOT);
    return "postgres-linux-" + (architecture.equals("aarch64") ? "arm_64" : "x86_64") + ".txz";
  }
}
