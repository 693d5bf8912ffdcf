package org.splitrack.cli.internal.machine;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.splitrack.cli.internal.ExitCode;
import org.splitrack.cli.internal.Json;
import org.splitrack.cli.internal.Progress;
import org.splitrack.cli.internal.RackFailure;
import tools.jackson.core.JacksonException;

/**
 * Everything that one rack keeps on this machine: {@code rack.json}, {@code secrets/}, {@code
 * logs/}, and a folder for each component. Only its owner may look into it.
 */
public final class StateDirectory {
  /**
   * Below this much room a start is refused: PostgreSQL alone writes some 60 MiB at the first one.
   */
  static final long LEAST_FREE_BYTES = 256L << 20;

  static final String WROTE_NOTHING = "it wrote nothing";

  private static final String RACK_JSON = "rack.json";
  private static final String LOCK = "lock";
  private static final long LOCK_POLL_MS = 100;

  private final Path directory;

  public StateDirectory(Path directory) {
    this.directory = directory.toAbsolutePath().normalize();
  }

  public Path path() {
    return directory;
  }

  Path logs() {
    return directory.resolve("logs");
  }

  Path log(String component) {
    return logs().resolve(component + ".log");
  }

  Path data(String component) {
    return directory.resolve("data").resolve(component);
  }

  /** The secrets of this rack. */
  public Secrets secrets() {
    return new Secrets(directory.resolve("secrets"));
  }

  /** The certificates of this rack, if its components show any. */
  public Certificates certificates() {
    return new Certificates(directory.resolve("secrets"));
  }

  /** The kernel's name for this start of the machine. */
  static String machineBoot() {
    try {
      return Files.readString(Path.of("/proc/sys/kernel/random/boot_id")).strip();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Makes the folders and checks that there is room.
   *
   * @throws RackFailure when it cannot be written, or is nearly full
   */
  void prepare() {
    try {
      ownerOnly(directory);
      ownerOnly(logs());
      ownerOnly(directory.resolve("data"));
      ownerOnly(directory.resolve("secrets"));
      long free = Files.getFileStore(directory).getUsableSpace();
      if (free < LEAST_FREE_BYTES) {
        throw RackFailure.failed(
            "the state directory %s has %d MiB free and needs %d: free some space, or name another with --state"
                .formatted(directory, free >> 20, LEAST_FREE_BYTES >> 20));
      }
    } catch (IOException e) {
      throw unwritable(e);
    }
  }

  private static void ownerOnly(Path folder) throws IOException {
    Files.createDirectories(
        folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx------"));
  }

  private RackFailure unwritable(IOException e) {
    String reason =
        e instanceof FileSystemException f && f.getReason() != null
            ? f.getReason()
            : e.getClass().getSimpleName();
    return RackFailure.failed(
        "cannot write to the state directory %s (%s): name another with --state"
            .formatted(directory, reason));
  }

  /** What {@code rack.json} says; empty when there is none. */
  public Optional<RackFile> read() {
    Path file = directory.resolve(RACK_JSON);
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    try {
      return Optional.of(Json.MAPPER.readValue(Files.readAllBytes(file), RackFile.class));
    } catch (IOException | JacksonException e) {
      throw RackFailure.failed(
          "cannot read %s (%s): mend or delete it".formatted(file, RackFailure.reason(e)));
    }
  }

  /**
   * The rack that runs here.
   *
   * @throws RackFailure with exit code 4 when none does
   */
  public RackFile running() {
    return read()
        .filter(rack -> !rack.state().equals(RackFile.DOWN) && !rack.living().isEmpty())
        .orElseThrow(() -> RackFailure.noRack(directory.toString()));
  }

  /** Replaces {@code rack.json}: a reader sees the old one or the new one, whole. */
  void write(RackFile rack) {
    try {
      byte[] json = Json.MAPPER.writerWithDefaultPrettyPrinter().writeValueAsBytes(rack);
      Path next = directory.resolve(RACK_JSON + ".next");
      Files.write(next, json);
      Files.move(
          next,
          directory.resolve(RACK_JSON),
          StandardCopyOption.ATOMIC_MOVE,
          StandardCopyOption.REPLACE_EXISTING);
    } catch (IOException e) {
      throw unwritable(e);
    }
  }

  /**
   * Keeps other {@code rack up} and {@code rack down} of this directory out until it is closed.
   *
   * @throws RackFailure when another one has not finished within {@code patience}
   */
  Held lock(Progress progress, Duration patience) {
    try {
      FileChannel channel =
          FileChannel.open(
              directory.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      long deadlineNs = System.nanoTime() + patience.toNanos();
      boolean said = false;
      while (!tryLock(channel)) {
        if (System.nanoTime() - deadlineNs > 0) {
          channel.close();
          throw RackFailure.failed(
              "another rack up or down has been at work in %s for %d s: wait for it, or end it"
                  .formatted(directory, patience.toSeconds()));
        }
        if (!said) {
          progress.say("another rack up or down is at work in " + directory + ", waiting for it");
          said = true;
        }
        Thread.sleep(LOCK_POLL_MS);
      }
      return new Held(channel);
    } catch (IOException e) {
      throw unwritable(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw RackFailure.of(ExitCode.INTERRUPTED, "interrupted");
    }
  }

  private static boolean tryLock(FileChannel channel) throws IOException {
    try {
      return channel.tryLock() != null;
    } catch (OverlappingFileLockException heldByThisJvm) {
      return false;
    }
  }

  /** The directory is this command's until it is closed. */
  record Held(FileChannel channel) implements AutoCloseable {
    @Override
    public void close() {
      try {
        channel.close();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  /** Deletes the directory and all in it. */
  public void delete() {
    try (Stream<Path> tree = Files.walk(directory)) {
      for (Path path : tree.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    } catch (IOException e) {
      throw RackFailure.failed("cannot delete " + directory + ": " + RackFailure.reason(e));
    }
  }

  /** The last line of a log that looks like an error, else the last one; for a person. */
  static String lastWords(Path log) {
    try {
      List<String> lines = tail(log);
      return lines.reversed().stream()
          .filter(StateDirectory::looksLikeAnError)
          .findFirst()
          .or(() -> lines.reversed().stream().filter(l -> !l.isBlank()).findFirst())
          .map(String::strip)
          .orElse(WROTE_NOTHING);
    } catch (IOException e) {
      return WROTE_NOTHING;
    }
  }

  private static boolean looksLikeAnError(String line) {
    return line.contains("ERROR")
        || line.contains("FATAL")
        || line.contains("SEVERE")
        || line.contains("Exception");
  }

  private static List<String> tail(Path log) throws IOException {
    try (FileChannel channel = FileChannel.open(log, StandardOpenOption.READ)) {
      int length = (int) Math.min(channel.size(), 64 << 10);
      java.nio.ByteBuffer bytes = java.nio.ByteBuffer.allocate(length);
      channel.read(bytes, channel.size() - length);
      return new String(bytes.array(), 0, bytes.position(), StandardCharsets.UTF_8)
          .lines()
          .toList();
    }
  }

  /** What a child process may see of this one's environment; nothing that names a secret. */
  static Map<String, String> plainEnvironment() {
    Map<String, String> kept = new java.util.TreeMap<>();
    for (String name : List.of("PATH", "HOME", "USER", "LANG", "TZ", "TMPDIR")) {
      String value = System.getenv(name);
      if (value != null) {
        kept.put(name, value);
      }
    }
    kept.put("LC_ALL", "C.UTF-8");
    return kept;
  }
}
