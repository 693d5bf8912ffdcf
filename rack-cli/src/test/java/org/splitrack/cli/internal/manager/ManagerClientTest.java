package org.splitrack.cli.internal.manager;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.splitrack.cli.internal.ExitCode;
import org.splitrack.cli.internal.RackFailure;
import org.splitrack.fabric.Endpoint;

class ManagerClientTest {
  private static final byte[] CONTENT = "word ".repeat(2_000).getBytes(US_ASCII);

  private HttpServer server;
  private ManagerClient client;

  /** How much of the content the manager sends before it falls silent. */
  private volatile int sent = CONTENT.length;

  private volatile int refusal = 503;

  @BeforeEach
  void start() throws IOException {
    server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/v1/files/content",
        exchange -> {
          try (exchange) {
            exchange.sendResponseHeaders(200, CONTENT.length);
            exchange.getResponseBody().write(CONTENT, 0, sent);
            exchange.getResponseBody().flush();
          }
        });
    server.createContext(
        "/v1/processes",
        exchange -> {
          try (exchange) {
            byte[] reply = "{\"error\":\"PostgreSQL does not answer\"}".getBytes(US_ASCII);
            exchange.sendResponseHeaders(refusal, reply.length);
            exchange.getResponseBody().write(reply);
          }
        });
    server.start();
    Endpoint endpoint = new Endpoint("127.0.0.1", server.getAddress().getPort());
    client = new ManagerClient(() -> endpoint, null, "token", Duration.ZERO, "look at its log");
  }

  @AfterEach
  void stop() {
    server.stop(0);
  }

  @Test
  void shouldCopyAFileOfTheRack() throws IOException {
    // given
    ByteArrayOutputStream target = new ByteArrayOutputStream();
    // when
    long copied = client.download("default", "/text", target);
    // then
    assertThat(copied).isEqualTo(CONTENT.length);
    assertThat(target.toByteArray()).isEqualTo(CONTENT);
  }

  @Test
  void shouldSayThatTheRackStoppedWhenAFileEndsTooEarly() {
    // given
    sent = 5_000;
    // when, then
    assertThatThrownBy(() -> client.download("default", "/text", OutputStream.nullOutputStream()))
        .isInstanceOfSatisfying(
            RackFailure.class,
            failure -> assertThat(failure.exitCode()).isEqualTo(ExitCode.RACK_FAILED))
        .hasMessageStartingWith("the rack stopped sending /text after 5000 bytes");
  }

  @ParameterizedTest
  @CsvSource({"503, 125", "500, 125", "409, 1", "400, 1"})
  void shouldTellARackThatCannotStartProgramsFromOneThatMayNot(int status, int exitCode) {
    // given
    refusal = status;
    // when, then
    assertThatThrownBy(() -> client.start(Map.of("name", "a")))
        .isInstanceOfSatisfying(
            RackFailure.class, failure -> assertThat(failure.exitCode()).isEqualTo(exitCode))
        .hasMessage("PostgreSQL does not answer");
  }

  @Test
  void shouldLeaveItToTheCallerWhenTheTargetTakesNothing() {
    // given
    OutputStream full =
        new OutputStream() {
          @Override
          public void write(int b) throws IOException {
            throw new IOException("No space left on device");
          }
        };
    // when, then
    assertThatThrownBy(() -> client.download("default", "/text", full))
        .isInstanceOf(IOException.class)
        .hasMessage("No space left on device");
  }
}
