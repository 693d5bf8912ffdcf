package org.splitrack.cli.internal.machine;

import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.splitrack.cli.internal.RackFailure;
import org.splitrack.fabric.ComponentId;

/**
 * How one component is started.
 *
 * @param command with its arguments; holds no secret, for everyone can read it
 * @param environment all of it; nothing is inherited
 * @param directory where it runs
 * @param output what it prints, as opposed to what it logs
 * @param log what a person is pointed at
 * @param fabricPort 0 for PostgreSQL and Kafka
 * @param httpPort 0 for PostgreSQL and Kafka
 * @param readiness asked until it answers true
 */
record ComponentLaunch(
    ComponentId id,
    List<String> command,
    Map<String, String> environment,
    Path directory,
    Path output,
    Path log,
    int fabricPort,
    int httpPort,
    Readiness readiness) {
  private static final long MOST_OUTPUT_BYTES = 4 << 20;

  /** Whether a component does its work; answers within a second or so, and throws nothing. */
  @FunctionalInterface
  interface Readiness {
    boolean ready();
  }

  /**
   * Starts it in a session of its own, so that neither Ctrl-C nor the end of the terminal reaches
   * it.
   */
  RackFile.Component start() {
    try {
      Files.createDirectories(directory);
      if (Files.exists(output) && Files.size(output) > MOST_OUTPUT_BYTES) {
        Files.move(output, Path.of(output + ".old"), StandardCopyOption.REPLACE_EXISTING);
      }
      List<String> detached = new ArrayList<>(List.of("setsid"));
      detached.addAll(command);
      ProcessBuilder builder =
          new ProcessBuilder(detached)
              .directory(directory.toFile())
              .redirectErrorStream(true)
              .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
              .redirectOutput(ProcessBuilder.Redirect.appendTo(output.toFile()));
      builder.environment().clear();
      builder.environment().putAll(environment);
      long pid = builder.start().pid();
      // It may have ended already; whoever waits for its readiness finds out.
      long startTicks = ProcessMark.of(pid).map(ProcessMark::startTicks).orElse(0L);
      return new RackFile.Component(id, pid, startTicks, fabricPort, httpPort, log.toString());
    } catch (FileSystemException e) {
      throw RackFailure.failed(
          "cannot write to %s (%s): free some space, or name another directory with --state"
              .formatted(e.getFile(), e.getReason()));
    } catch (IOException e) {
      throw RackFailure.failed("cannot start " + id + ": " + RackFailure.reason(e));
    }
  }
}
