package org.splitrack.fabric.embedded;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** As whom PostgreSQL runs: it refuses to be root. */
public sealed interface PostgresAccount {
  /** Whoever runs this. */
  record Own() implements PostgresAccount {}

  /**
   * Root outside, a nobody without any privilege inside a user namespace of its own: files keep
   * their owner, so a folder that is closed to everyone else stays so.
   */
  record Namespace() implements PostgresAccount {}

  /** The user nobody, where a container forbids namespaces. */
  record Nobody(int uid, int gid) implements PostgresAccount {}

  /**
   * What suits whoever runs this.
   *
   * @throws IOException when root has no one to run it as
   */
  static PostgresAccount choose() throws IOException {
    if (!isRoot()) {
      return new Own();
    }
    return namespacesAreAllowed() ? new Namespace() : nobody();
  }

  /** Whether this process may do anything. */
  static boolean isRoot() throws IOException {
    return Files.getAttribute(Path.of("/proc/self"), "unix:uid").equals(0);
  }

  /** The user of that name. */
  static Nobody nobody() throws IOException {
    for (String line : Files.readAllLines(Path.of("/etc/passwd"))) {
      String[] fields = line.split(":", -1);
      if (fields.length > 3 && fields[0].equals("nobody")) {
        return new Nobody(Integer.parseInt(fields[2]), Integer.parseInt(fields[3]));
      }
    }
    throw new IOException("PostgreSQL does not run as root, and there is no user nobody");
  }

  private static boolean namespacesAreAllowed() throws IOException {
    Process probe =
        new ProcessBuilder("unshare", "--user", "true")
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    try {
      return probe.waitFor(5, TimeUnit.SECONDS) && probe.exitValue() == 0;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    } finally {
      probe.destroyForcibly();
    }
  }

  /** What stands before a command that is to run so. */
  default List<String> prefix() {
    return switch (this) {
      case Own _ -> List.of();
      case Namespace _ -> List.of("unshare", "--user");
      case Nobody n ->
          List.of("setpriv", "--reuid=" + n.uid(), "--regid=" + n.gid(), "--clear-groups");
    };
  }

  /** Gives it a folder. */
  default void own(Path folder) throws IOException {
    if (this instanceof Nobody n) {
      Files.setAttribute(folder, "unix:uid", n.uid());
      Files.setAttribute(folder, "unix:gid", n.gid());
    }
  }

  /**
   * How it names the folder that it works in. Nobody cannot walk through folders that are closed to
   * him; the way through {@code /proc} needs no such walk.
   */
  default String workingFolder(Path folder) {
    return this instanceof Nobody ? "/proc/self/cwd" : folder.toString();
  }
}
