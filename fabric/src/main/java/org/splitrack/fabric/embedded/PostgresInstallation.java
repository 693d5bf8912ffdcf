package org.splitrack.fabric.embedded;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.compressors.xz.XZCompressorInputStream;

/**
 * PostgreSQL's programs, unpacked from the jar of their binaries.
 *
 * @param home the folder with {@code bin}, {@code lib} and {@code share}
 * @param account as whom they run; one that is not the caller's must be able to read {@code home}
 */
public record PostgresInstallation(Path home, PostgresAccount account) {
  /** Owner of every cluster that is made here. */
  public static final String SUPERUSER = "postgres";

  private static final long STEP_LIMIT_S = 120;
  private static final long UNPACKED_LIMIT_BYTES = 1L << 30;

  /**
   * Unpacks the binaries for this machine below {@code folder}, unless they are there already. Two
   * that do so at the same time do not disturb each other.
   *
   * @throws IOException also when there are no binaries for this machine
   */
  public static PostgresInstallation unpack(Path folder) throws IOException {
    String architecture = System.getProperty("os.arch").equals("aarch64") ? "arm_64" : "x86_64";
    String archive = "postgres-linux-" + architecture + ".txz";
    var resource = PostgresInstallation.class.getClassLoader().getResource(archive);
    if (resource == null) {
      throw new IOException("no PostgreSQL for this machine on the class path: " + archive);
    }
    long archiveBytes = resource.openConnection().getContentLengthLong();
    Path home = folder.resolve("postgres-" + architecture + "-" + archiveBytes);
    if (Files.isDirectory(home)) {
      return new PostgresInstallation(home, PostgresAccount.choose());
    }
    Files.createDirectories(folder);
    Path unfinished = Files.createTempDirectory(folder, "unpacking-");
    Files.setPosixFilePermissions(unfinished, PosixFilePermissions.fromString("rwxr-xr-x"));
    try (InputStream packed = new BufferedInputStream(resource.openStream());
        var tar = new TarArchiveInputStream(new XZCompressorInputStream(packed))) {
      extract(tar, unfinished);
    }
    try {
      Files.move(unfinished, home);
    } catch (FileAlreadyExistsException | DirectoryNotEmptyException e) {
      deleteRecursively(unfinished);
    }
    return new PostgresInstallation(home, PostgresAccount.choose());
  }

  /**
   * Makes a cluster and runs these statements in it, before it first listens. Nobody can log in
   * until its {@code pg_hba.conf} says who.
   *
   * @param data a folder that does not exist or is empty
   * @param statements each on one line; they may hold passwords, and are seen by nobody
   */
  public void createCluster(Path data, List<String> statements) throws IOException {
    Files.createDirectories(data);
    Files.setPosixFilePermissions(data, PosixFilePermissions.fromString("rwx------"));
    account.own(data);
    run(
        data,
        "",
        unprivileged(
            "initdb",
            "--pgdata=" + account.workingFolder(data),
            "--username=" + SUPERUSER,
            "--auth=reject",
            "--encoding=UTF8",
            "--locale=C",
            "--locale-provider=builtin",
            "--builtin-locale=C.UTF-8",
            "--no-instructions"));
    String script = statements.stream().map(s -> s + ";\n").collect(Collectors.joining());
    String output =
        run(
            data,
            script,
            unprivileged("postgres", "--single", "-D", account.workingFolder(data), SUPERUSER));
    // The single-user mode goes on after an error, and ends well.
    Optional<String> error = output.lines().filter(line -> line.contains("ERROR:")).findFirst();
    if (error.isPresent()) {
      throw new IOException(error.get());
    }
  }

  /**
   * The command that serves a cluster on loopback until it gets SIGINT (at once, cleanly) or
   * SIGTERM (when all sessions have ended).
   *
   * @param data also the folder to run it in
   * @param parameters of postgresql.conf; they win over those in the cluster's own file
   */
  public List<String> serverCommand(Path data, int port, Map<String, String> parameters) {
    var all = new TreeMap<String, String>(parameters);
    all.putIfAbsent("listen_addresses", "127.0.0.1");
    all.putIfAbsent("unix_socket_directories", "");
    var command = new ArrayList<>(unprivileged("postgres", "-D", account.workingFolder(data)));
    command.addAll(List.of("-p", Integer.toString(port)));
    all.forEach((name, value) -> command.addAll(List.of("-c", name + "=" + value)));
    return List.copyOf(command);
  }

  private List<String> unprivileged(String program, String... arguments) {
    var command = new ArrayList<>(account.prefix());
    command.add(home.resolve("bin").resolve(program).toString());
    command.addAll(List.of(arguments));
    return command;
  }

  /** Runs a step to its end; what it printed. */
  private static String run(Path folder, String input, List<String> command) throws IOException {
    Process process =
        new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true).start();
    try (OutputStream stdin = process.getOutputStream()) {
      stdin.write(input.getBytes(StandardCharsets.UTF_8));
    }
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    try {
      if (!process.waitFor(STEP_LIMIT_S, TimeUnit.SECONDS)) {
        throw new IOException("PostgreSQL was not made after " + STEP_LIMIT_S + " s");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while making a PostgreSQL cluster", e);
    } finally {
      process.destroyForcibly();
    }
    if (process.exitValue() != 0) {
      throw new IOException(output.strip().lines().reduce("", (before, line) -> line));
    }
    return output;
  }

  private static void extract(TarArchiveInputStream tar, Path target) throws IOException {
    long unpackedBytes = 0;
    TarArchiveEntry entry;
    while ((entry = tar.getNextEntry()) != null) {
      Path path = target.resolve(entry.getName()).normalize();
      unpackedBytes += entry.getSize();
      if (!path.startsWith(target) || unpackedBytes > UNPACKED_LIMIT_BYTES) {
        throw new IOException("not the archive of PostgreSQL: " + entry.getName());
      }
      if (entry.isDirectory()) {
        Files.createDirectories(path);
        continue;
      }
      Files.createDirectories(path.getParent());
      if (entry.isSymbolicLink()) {
        Files.createSymbolicLink(path, Path.of(entry.getLinkName()));
      } else {
        Files.copy(tar, path);
        boolean executable = (entry.getMode() & 0100) != 0;
        Files.setPosixFilePermissions(
            path, PosixFilePermissions.fromString(executable ? "rwxr-xr-x" : "rw-r--r--"));
      }
    }
  }

  private static void deleteRecursively(Path folder) throws IOException {
    try (Stream<Path> tree = Files.walk(folder)) {
      for (Path path : tree.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }
}
