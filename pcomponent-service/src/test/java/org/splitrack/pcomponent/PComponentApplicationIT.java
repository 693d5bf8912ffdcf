package org.splitrack.pcomponent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The service as a process of its own, without any other. */
@Timeout(120)
class PComponentApplicationIT {
  @TempDir Path folder;
  private Path log;

  @BeforeEach
  void writeSecret() throws IOException {
    Files.writeString(folder.resolve("secret"), "00112233445566778899aabbccddeeff\n");
    log = folder.resolve("out.log");
  }

  private Process start(String... options) throws IOException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx256m", "-XX:+UseSerialGC", "--enable-native-access=ALL-UNNAMED"));
    command.addAll(List.of(options));
    command.addAll(
        List.of(
            "-cp", System.getProperty("java.class.path"), PComponentApplication.class.getName()));
    ProcessBuilder builder =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log.toFile());
    builder
        .environment()
        .putAll(
            Map.of(
                "SERVER_PORT", "0",
                "SPLITRACK_COMPONENT", "pcomponent-0",
                "SPLITRACK_RACK_ID", "00000000000000ab",
                "SPLITRACK_SECRET_FILE", folder.resolve("secret").toString(),
                "SPLITRACK_DATA_DIR", folder.resolve("data").toString(),
                "SPLITRACK_MANAGER", "127.0.0.1:1",
                "SPLITRACK_KAFKA", "127.0.0.1:1",
                "SPLITRACK_CACHE_BYTES", "16777216"));
    return builder.start();
  }

  @Test
  void shouldFinishATrainingStartWithoutAManager() throws Exception {
    Process training = start("-Dspring.context.exit=onRefresh");
    try {
      assertThat(training.waitFor(60, TimeUnit.SECONDS)).isTrue();
      assertThat(training.exitValue()).as(Files.readString(log)).isZero();
    } finally {
      training.destroyForcibly();
    }
  }

  @Test
  void shouldListenWithoutAManagerAndEndWhenAsked() throws Exception {
    Process service = start();
    try {
      await()
          .atMost(Duration.ofSeconds(60))
          .until(() -> Files.readString(log).contains("pcomponent-0 boot"));

      service.destroy();

      assertThat(service.waitFor(20, TimeUnit.SECONDS)).as("ended").isTrue();
      assertThat(service.exitValue()).as(Files.readString(log)).isEqualTo(143);
    } finally {
      service.destroyForcibly();
    }
  }
}
