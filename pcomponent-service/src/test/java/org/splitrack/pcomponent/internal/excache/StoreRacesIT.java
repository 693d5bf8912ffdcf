package org.splitrack.pcomponent.internal.excache;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Runs {@link StoreRaces} under jcstress, in JVMs of its own, for a bounded time. */
class StoreRacesIT {
  @TempDir private Path folder;

  @Test
  void shouldKeepEveryStoreThatRacesAWriteBackAnEvictionOrARecall() throws Exception {
    String report = stress("StoreRaces.(Clean|Evict|Recall)$", 2);
    assertThat(report).contains("3 planned; 3 passed, 0 failed, 0 soft errs, 0 hard errs");
  }

  @Test
  void shouldFindThatTheHandshakeIsMissing() throws Exception {
    String report = stress("StoreRaces.EvictWithoutHandshake$", 6);
    assertThat(report).contains("1 planned; 0 passed, 1 failed, 0 soft errs, 0 hard errs");
  }

  private String stress(String tests, int halfSeconds) throws IOException, InterruptedException {
    Path output = folder.resolve("report.txt");
    Process process =
        new ProcessBuilder(
                List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-cp",
                    System.getProperty("java.class.path"),
                    "org.openjdk.jcstress.Main",
                    "-t",
                    tests,
                    "-f",
                    "1",
                    "-iters",
                    Integer.toString(halfSeconds),
                    "-time",
                    "500",
                    "-sc",
                    "false",
                    "-af",
                    "NONE",
                    "-strideSize",
                    "64",
                    "-strideCount",
                    "16",
                    "-jvmArgs",
                    "--enable-native-access=ALL-UNNAMED -XX:+UseSerialGC",
                    "-r",
                    folder.toString()))
            .directory(folder.toFile())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    try {
      assertThat(process.waitFor(120, TimeUnit.SECONDS)).isTrue();
    } finally {
      process.destroyForcibly();
    }
    return Files.readString(output, StandardCharsets.UTF_8);
  }
}
