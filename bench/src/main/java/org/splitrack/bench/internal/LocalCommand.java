package org.splitrack.bench.internal;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A command of this machine that has ended. */
record LocalCommand(int exitCode, String out, String err) {
  /**
   * Runs it to its end.
   *
   * @throws IOException when it is not there, or not done in time
   */
  static LocalCommand run(Duration limit, List<String> words)
      throws IOException, InterruptedException {
    Path out = Files.createTempFile("splitrack-bench-", ".out");
    Path err = Files.createTempFile("splitrack-bench-", ".err");
    try {
      Process process =
          new ProcessBuilder(words)
              .redirectOutput(out.toFile())
              .redirectError(err.toFile())
              .start();
      try {
        if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
          throw new IOException(
              "%s takes longer than %d s".formatted(words.getFirst(), limit.toSeconds()));
        }
      } finally {
        process.destroyForcibly();
      }
      return new LocalCommand(
          process.exitValue(),
          Files.readString(out, StandardCharsets.UTF_8),
          Files.readString(err, StandardCharsets.UTF_8));
    } finally {
      Files.delete(out);
      Files.delete(err);
    }
  }

  /**
   * The same of one that has to succeed; what it printed.
   *
   * @throws IOException with the last line that it said when it did not
   */
  static String succeed(Duration limit, List<String> words)
      throws IOException, InterruptedException {
    LocalCommand ended = run(limit, words);
    if (ended.exitCode != 0) {
      throw new IOException(
          "%s ended with exit code %d: %s"
              .formatted(
                  String.join(" ", words),
                  ended.exitCode,
                  ended.err.isBlank() ? "" : ended.err.strip().lines().toList().getLast()));
    }
    return ended.out;
  }
}
