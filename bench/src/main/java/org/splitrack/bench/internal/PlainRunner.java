package org.splitrack.bench.internal;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** A JVM of its own that runs {@link PlainProgram}, warm after its first run. */
final class PlainRunner implements AutoCloseable {
  private final Process process;
  private final OutputStream requests;
  private final BufferedReader answers;

  PlainRunner(Path program, List<String> arguments) throws IOException {
    List<String> line =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-XX:-DontCompileHugeMethods",
                "-Xmx1g",
                "-cp",
                System.getProperty("java.class.path"),
                PlainProgram.class.getName(),
                program.toString()));
    line.addAll(arguments);
    process = new ProcessBuilder(line).redirectError(ProcessBuilder.Redirect.DISCARD).start();
    requests = process.getOutputStream();
    answers =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
  }

  /** One run's figures. */
  record Run(double wallMs, double cpuMs, long outputChecksum) {}

  Run run() throws IOException {
    requests.write('\n');
    requests.flush();
    String answer = answers.readLine();
    if (answer == null) {
      throw new IOException("the plain runtime ended");
    }
    List<String> fields = List.of(answer.split(" ", -1));
    if (!"0".equals(fields.get(2))) {
      throw new IOException("the plain runtime's program failed: " + answer);
    }
    return new Run(
        Double.parseDouble(fields.get(0)),
        Double.parseDouble(fields.get(1)),
        Long.parseLong(fields.get(3)));
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
