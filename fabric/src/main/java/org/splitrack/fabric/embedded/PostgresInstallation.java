package org.splitrack.fabric.embedded;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
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
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.compressors.xz.XZCompressorInputStream;

/**
 * PostgreSQL's programs, unpacked from the jar of their binaries.
 *
 * @param home the folder with {@code bin}, {@code lib} and {@code share}
 */
public record PostgresInstallation(Path home) {
  /** Owner of every cluster that is made here. */
  public static final String SUPERUSER = "postgres";

  private static final long INITDB_LIMIT_S = 120;
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
      return new PostgresInstallation(home);
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
    return new PostgresInstallation(home);
  }

  /**
   * Makes a cluster whose superuser logs in with this password, over TCP only.
   *
   * @param data a folder that does not exist or is empty
   */
  public void createCluster(Path data, String superuserPassword) throws IOException {
    Files.createDirectories(data.toAbsolutePath().getParent());
    var ownerOnly =
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
    Path passwordFile =
        Files.createTempFile(data.toAbsolutePath().getParent(), "initdb-", ".password", ownerOnly);
    try {
      Files.writeString(passwordFile, superuserPassword);
      var command =
          unprivileged(
              "initdb",
              "--pgdata=" + data,
              "--username=" + SUPERUSER,
              "--pwfile=" + passwordFile,
              "--auth=scram-sha-256",
              "--encoding=UTF8",
              "--locale=C");
      run(command);
    } finally {
      Files.delete(passwordFile);
    }
  }

  /**
   * The command that serves a cluster on loopback until it gets SIGINT (at once, cleanly) or
   * SIGTERM (when all sessions have ended).
   *
   * @param parameters of postgresql.conf; they win over those in the cluster's own file
   */
  public List<String> serverCommand(Path data, int port, Map<String, String> parameters) {
    var all = new TreeMap<String, String>(parameters);
    all.putIfAbsent("listen_addresses", "127.0.0.1");
    all.putIfAbsent("unix_socket_directories", "");
    var command = new ArrayList<>(unprivileged("postgres", "-D", data.toString()));
    command.addAll(List.of("-p", Integer.toString(port)));
    all.forEach((name, value) -> command.addAll(List.of("-c", name + "=" + value)));
    return List.copyOf(command);
  }

  /**
   * PostgreSQL refuses to run as root. In a user namespace of its own root is nobody in particular,
   * and the cluster's files stay where and whose they are.
   */
  private List<String> unprivileged(String program, String... arguments) {
    var command = new ArrayList<String>();
    if (System.getProperty("user.name").equals("root")) {
      command.addAll(List.of("unshare", "--user"));
    }
    command.add(home.resolve("bin").resolve(program).toString());
    command.addAll(List.of(arguments));
    return command;
  }

  private static void run(List<String> command) throws IOException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    process.getOutputStream().close();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    try {
      if (!process.waitFor(INITDB_LIMIT_S, TimeUnit.SECONDS)) {
        process.destroyForcibly();
        throw new IOException(command.getFirst() + " took more than " + INITDB_LIMIT_S + " s");
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while making a PostgreSQL cluster", e);
    }
    if (process.exitValue() != 0) {
      String lastLine = output.strip().lines().reduce("", (before, line) -> line);
      throw new IOException("initdb failed: " + lastLine);
    }
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
