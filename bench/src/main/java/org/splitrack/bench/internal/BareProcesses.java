package org.splitrack.bench.internal;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Baselines in JVMs of their own, each of which prints the port that it listens on. */
final class BareProcesses implements AutoCloseable {
  private static final List<String> FLAGS =
      List.of(
          "-XX:+UseSerialGC",
          "-Xmx64m",
          "-XX:MaxDirectMemorySize=320m",
          "--enable-native-access=ALL-UNNAMED");

  private final List<Process> started = new ArrayList<>();

  /** Starts one; the port. */
  int start(Class<?> program, String... arguments) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(ProcessHandle.current().info().command().orElse("java"));
    command.addAll(FLAGS);
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), program.getName()));
    command.addAll(List.of(arguments));
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
    started.add(process);
    BufferedReader out =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    String port = out.readLine();
    if (port == null) {
      throw new IOException("the baseline " + program.getSimpleName() + " did not start");
    }
    return Integer.parseInt(port);
  }

  @Override
  public void close() {
    started.forEach(Process::destroyForcibly);
  }
}
