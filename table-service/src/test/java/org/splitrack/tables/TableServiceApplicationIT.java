package org.splitrack.tables;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.splitrack.fabric.testkit.EmbeddedKafka;
import org.splitrack.fabric.testkit.FreePorts;
import org.splitrack.tables.internal.TestDatabase;

/** The service as a process of its own. */
class TableServiceApplicationIT {
  private static final Duration PATIENCE = Duration.ofMinutes(1);
  private static final int SIGTERM_EXIT_CODE = 143;

  @TempDir private Path folder;

  @Test
  void shouldCompleteAStartThatOnlyTrainsWithAnythingElseAway() throws Exception {
    // when
    Process service =
        start(
            FreePorts.next(),
            "127.0.0.1:1",
            "jdbc:postgresql://127.0.0.1:1/none",
            "-Dspring.context.exit=onRefresh");

    // then
    assertThat(service.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
    assertThat(service.exitValue()).as(output()).isZero();
  }

  @Test
  void shouldBeReadyWhenTheTablesFollowAndEndWhenAsked() throws Exception {
    // given a service that starts before the broker
    int http = FreePorts.next();
    try (var kafka = EmbeddedKafka.start()) {
      kafka.kill();
      Process service =
          start(http, kafka.endpoint().toString(), TestDatabase.create().access().url());
      try {
        await()
            .atMost(PATIENCE)
            .ignoreExceptionsInstanceOf(IOException.class)
            .untilAsserted(() -> assertThat(readiness(http)).contains("waiting for Kafka"));
        assertThat(readiness(http)).contains("OUT_OF_SERVICE");

        // when
        kafka.restart();

        // then
        await()
            .atMost(PATIENCE)
            .ignoreExceptionsInstanceOf(IOException.class)
            .untilAsserted(() -> assertThat(readiness(http)).contains("\"status\":\"UP\""));

        // when asked to end while the broker is away again
        kafka.kill();
        service.destroy();

        // then
        assertThat(service.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
        assertThat(service.exitValue()).isEqualTo(SIGTERM_EXIT_CODE);
        assertThat(output()).doesNotContain("Exception");
      } finally {
        service.destroyForcibly();
      }
    }
  }

  @Test
  void shouldSayInOneLineWhichPropertyIsMissing() throws Exception {
    // when
    Process service =
        start(
            FreePorts.next(),
            "127.0.0.1:1",
            "jdbc:postgresql://127.0.0.1:1/none",
            "-Dsplitrack.rack-id=");

    // then
    assertThat(service.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)).isTrue();
    assertThat(service.exitValue()).isNotZero();
    assertThat(output()).contains("splitrack.rack-id is not set");
  }

  private Process start(int http, String kafka, String postgresUrl, String... more)
      throws IOException {
    Path secret = Files.writeString(folder.resolve("secret"), "ab".repeat(32));
    Path password = Files.writeString(folder.resolve("password"), "any");
    var command = new ArrayList<String>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of("-Xmx128m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
    command.addAll(
        List.of(
            "-Dsplitrack.component=table-service-0",
            "-Dsplitrack.rack-id=00000000000000aa",
            "-Dsplitrack.secret-file=" + secret,
            "-Dsplitrack.manager=127.0.0.1:1",
            "-Dsplitrack.kafka=" + kafka,
            "-Dsplitrack.postgres-url=" + postgresUrl,
            "-Dsplitrack.postgres-user=rack_tables",
            "-Dsplitrack.postgres-password-file=" + password,
            "-Dsplitrack.data-dir=" + folder,
            "-Dserver.port=" + http));
    command.addAll(List.of(more));
    command.addAll(
        List.of(
            "-cp", System.getProperty("java.class.path"), TableServiceApplication.class.getName()));
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(folder.resolve("out").toFile())
        .start();
  }

  private String output() throws IOException {
    return Files.readString(folder.resolve("out"), UTF_8);
  }

  private static String readiness(int http) throws IOException, InterruptedException {
    try (var client = HttpClient.newHttpClient()) {
      return client
          .send(
              HttpRequest.newBuilder(
                      URI.create("http://127.0.0.1:" + http + "/actuator/health/readiness"))
                  .build(),
              HttpResponse.BodyHandlers.ofString())
          .body();
    }
  }
}
