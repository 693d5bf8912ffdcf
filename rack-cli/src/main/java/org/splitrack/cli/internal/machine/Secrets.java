package org.splitrack.cli.internal.machine;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.HexFormat;
import org.splitrack.cli.internal.RackFailure;

/**
 * Generated passwords, one a file that only its owner reads. Processes are given the path, so that
 * no secret stands in an argument or a variable.
 */
public final class Secrets {
  private static final int SECRET_BYTES = 32;

  private final Path folder;
  private final SecureRandom random = new SecureRandom();

  Secrets(Path folder) {
    this.folder = folder;
  }

  /** What the components show each other at the handshake. */
  public Path rack() {
    return file("rack-secret");
  }

  /** What every call of the manager's HTTP API shows. */
  public Path operatorToken() {
    return file("operator-token");
  }

  /** Of a PostgreSQL role, such as {@code reader}. */
  public Path postgres(String role) {
    return file("postgres-" + role + ".password");
  }

  /** The text of one of these files. */
  public static String read(Path secret) {
    try {
      return Files.readString(secret).strip();
    } catch (IOException e) {
      throw RackFailure.failed("cannot read the secret " + secret + ": " + RackFailure.reason(e));
    }
  }

  private Path file(String name) {
    return made(folder.resolve(name), random);
  }

  /** One at a time: start-up caches are made by several threads, each of which may be the first. */
  private static synchronized Path made(Path file, SecureRandom random) {
    if (Files.exists(file)) {
      return file;
    }
    byte[] secret = new byte[SECRET_BYTES];
    random.nextBytes(secret);
    try {
      // Complete before it has its name: a start that was cut short leaves no empty secret behind.
      Path next = file.resolveSibling(file.getFileName() + ".next");
      Files.deleteIfExists(next);
      Files.createFile(
          next, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
      Files.writeString(next, HexFormat.of().formatHex(secret) + "\n", StandardOpenOption.WRITE);
      return Files.move(next, file);
    } catch (IOException e) {
      throw RackFailure.failed("cannot write the secret " + file + ": " + RackFailure.reason(e));
    }
  }
}
