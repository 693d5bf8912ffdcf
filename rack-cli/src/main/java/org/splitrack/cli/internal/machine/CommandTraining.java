package org.splitrack.cli.internal.machine;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/**
 * The training run of the command line itself. The launcher script uses the cache; its class path
 * and options are repeated here.
 *
 * @param classPath of the launcher
 * @param state of a rack that is up
 */
record CommandTraining(Installation.ClassPath classPath, Path state) implements AotCaches.Training {
  private static final String MAIN = "org.splitrack.cli.internal.command.Rehearsal";
  private static final List<String> OPTIONS =
      List.of(
          "-XX:+UseSerialGC",
          "-XX:TieredStopAtLevel=1",
          "-Xmx512m",
          "--enable-native-access=ALL-UNNAMED",
          "--sun-misc-unsafe-memory-access=allow");

  @Override
  public String module() {
    return classPath.module();
  }

  @Override
  public String key() {
    // The build's own jars keep their names, and the JVM refuses a cache of older ones.
    return classPath.jars().stream()
            .map(jar -> jar.toString() + jar.toFile().lastModified())
            .collect(Collectors.joining())
        + OPTIONS;
  }

  @Override
  public void run(String option, Path folder, Path log, Duration atMost)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of(Installation.java().toString()));
    command.addAll(OPTIONS);
    command.addAll(List.of(option, "-cp", classPath.argument(), MAIN, state.toString()));
    Process process =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile()).start();
    try {
      process.waitFor(atMost.toMillis(), TimeUnit.MILLISECONDS);
    } finally {
      process.destroyForcibly();
    }
  }
}
