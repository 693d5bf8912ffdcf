package org.splitrack.cli.internal.manager;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.ConnectException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLHandshakeException;
import org.jspecify.annotations.Nullable;
import org.splitrack.cli.internal.ExitCode;
import org.splitrack.cli.internal.Json;
import org.splitrack.cli.internal.RackFailure;
import org.splitrack.cli.internal.access.RackAccess;
import org.splitrack.fabric.ComponentId;
import org.splitrack.fabric.Endpoint;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/**
 * The global manager's HTTP API. A refusal is a {@link RackFailure} with the manager's own line.
 * Safe from any thread.
 */
public final class ManagerClient {
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(5);
  private static final Duration CALL_TIMEOUT = Duration.ofMinutes(1);
  private static final Duration TRANSFER_TIMEOUT = Duration.ofHours(1);
  private static final Duration RETRY_PAUSE = Duration.ofMillis(300);
  private static final int COPY_BYTES = 1 << 16;

  private final HttpClient http;
  private final String scheme;
  private final Supplier<Endpoint> manager;
  private final String token;
  private final Duration patience;
  private final String advice;

  /**
   * @param manager asked at each call: a manager that was replaced is found again
   * @param tls null = in clear
   * @param patience how long one that is away may take to come back
   * @param advice what to do when it does not answer
   */
  public ManagerClient(
      Supplier<Endpoint> manager,
      @Nullable SSLContext tls,
      String token,
      Duration patience,
      String advice) {
    HttpClient.Builder builder =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(CONNECT_TIMEOUT);
    this.http = (tls == null ? builder : builder.sslContext(tls)).build();
    this.scheme = tls == null ? "http" : "https";
    this.manager = manager;
    this.token = token;
    this.patience = patience;
    this.advice = advice;
  }

  /** That of a rack. */
  public static ManagerClient of(RackAccess rack) {
    return new ManagerClient(
        rack::managerHttp,
        rack.managerTls(),
        rack.operatorToken(),
        rack.managerPatience(),
        rack.advice());
  }

  /** Whether the rack has this program already. */
  public boolean holdsProgram(String digest) {
    HttpRequest request =
        request("/v1/programs/" + digest, CALL_TIMEOUT)
            .method("HEAD", BodyPublishers.noBody())
            .build();
    return send(request, BodyHandlers.discarding()).statusCode() == 200;
  }

  /** Gives the rack a program. */
  public void putProgram(String digest, byte[] module) {
    callToRun(
        request("/v1/programs/" + digest, CALL_TIMEOUT)
            .PUT(BodyPublishers.ofByteArray(module))
            .build());
  }

  /**
   * A process that was started.
   *
   * @param ticket what attaching to it shows
   */
  public record Started(long process, String component, Endpoint attach, String ticket) {}

  /** Starts a process: {@code POST /v1/processes}. */
  public Started start(Map<String, ?> spec) {
    return started(callToRun(posting("/v1/processes", spec)));
  }

  /** Where a process runs now; another ticket than before when it was started again. */
  public Started attachment(long process) {
    return started(
        call(request("/v1/processes/" + process + "/attach", CALL_TIMEOUT).GET().build()));
  }

  /** Whether a process has begun again elsewhere after this start of it. */
  public boolean isReplaced(Started start) {
    return !attachment(start.process()).ticket().equals(start.ticket());
  }

  private static Started started(JsonNode reply) {
    return new Started(
        reply.get("process").asLong(),
        reply.get("component").asString(),
        Endpoint.parse(reply.get("attach").asString()),
        reply.get("ticket").asString());
  }

  /** A process as {@code api.processes} has it, and why it ended. */
  public JsonNode process(long process) {
    return call(request("/v1/processes/" + process, CALL_TIMEOUT).GET().build());
  }

  /** Waits a while; the process, if it has ended. */
  public @Nullable JsonNode awaitEnd(long process, Duration wait) {
    HttpRequest request =
        request("/v1/processes/" + process + "/wait?wait_ms=" + wait.toMillis(), CALL_TIMEOUT)
            .GET()
            .build();
    HttpResponse<byte[]> response = send(request, BodyHandlers.ofByteArray());
    JsonNode body = checked(response);
    return response.statusCode() == 200 ? body : null;
  }

  /** Ends a process; returns when its end has begun. */
  public void stop(long process) {
    post("/v1/processes/" + process + "/stop", Map.of());
  }

  /** Changes a running process. */
  public void set(long process, Map<String, String> settings) {
    post("/v1/processes/" + process + "/set", settings);
  }

  /** What a process wrote from an offset on; waits a while when there is nothing yet. */
  public ProcessOutput output(long process, long offset, Duration wait) {
    HttpRequest request =
        request(
                "/v1/processes/%d/output?offset=%d&wait_ms=%d"
                    .formatted(process, offset, wait.toMillis()),
                CALL_TIMEOUT)
            .GET()
            .build();
    HttpResponse<byte[]> response = send(request, BodyHandlers.ofByteArray());
    if (response.statusCode() != 200) {
      throw refusal(response.statusCode(), response.body());
    }
    return new ProcessOutput(
        response.body(),
        response.headers().firstValueAsLong("X-Next-Offset").orElse(offset),
        response.headers().firstValue("X-Ended").filter("true"::equals).isPresent());
  }

  /**
   * How far a component is emptied.
   *
   * @param state as the tables have it: {@code draining} while it is so
   * @param remaining copies of regions, or programs, that are still there
   */
  public record Emptying(String state, int remaining) {
    private static Emptying of(JsonNode reply) {
      return new Emptying(reply.path("state").asString(), reply.path("remaining").asInt());
    }
  }

  /** Begins to empty a component; harmless when repeated. */
  public Emptying drain(ComponentId component) {
    return Emptying.of(post("/v1/components/" + component + "/drain", Map.of()));
  }

  /** Begins to empty all of these, or none. */
  public void drainAll(List<ComponentId> components) {
    post("/v1/components/drain", components.stream().map(ComponentId::toString).toList());
  }

  /** Asks how far that is. */
  public Emptying emptying(ComponentId component) {
    return Emptying.of(
        call(request("/v1/components/" + component + "/drain", CALL_TIMEOUT).GET().build()));
  }

  /** Has something placed on it again. */
  public Emptying undrain(ComponentId component) {
    return Emptying.of(
        call(request("/v1/components/" + component + "/drain", CALL_TIMEOUT).DELETE().build()));
  }

  /** Who belongs to the rack, as {@code api.components} has it. */
  public JsonNode components() {
    return call(request("/v1/components", CALL_TIMEOUT).GET().build());
  }

  /** Begins to move a region; the number of the migration. */
  public long migrate(long region, ComponentId target) {
    return post("/v1/migrations", Map.of("region", region, "target", target.toString()))
        .get("migration")
        .asLong();
  }

  /**
   * Begins to move several regions at once.
   *
   * @return for each in turn {@code {region, migration}}, or {@code error} where it does not begin
   */
  public JsonNode migrateAll(Map<Long, ComponentId> targets) {
    return post(
        "/v1/migrations/batch",
        targets.entrySet().stream()
            .map(move -> Map.of("region", move.getKey(), "target", move.getValue().toString()))
            .toList());
  }

  /** A migration as {@code api.migrations} has it. */
  public JsonNode migration(long migration) {
    return call(request("/v1/migrations/" + migration, CALL_TIMEOUT).GET().build());
  }

  /** Wants a migration given up; how it ends is to be asked for. */
  public void abortMigration(long migration) {
    post("/v1/migrations/" + migration + "/abort", Map.of());
  }

  /** Those that are under way and the newest that are over, newest first. */
  public JsonNode migrations() {
    return call(request("/v1/migrations", CALL_TIMEOUT).GET().build());
  }

  /**
   * Whether the next single kill loses nothing.
   *
   * @param reason why not; empty when it is so
   */
  public record Protection(boolean holds, String reason) {}

  /** Asks the authority, not the tables: {@code GET /v1/protection}. */
  public Protection protection() {
    JsonNode reply = call(request("/v1/protection", CALL_TIMEOUT).GET().build());
    return new Protection(
        reply.path("protected").asBoolean(false), reply.path("reason").asString(""));
  }

  /** Whether the tables show, within this time, everything that happened before. */
  public boolean sync(Duration timeout) {
    return post("/v1/sync", Map.of("timeout_ms", timeout.toMillis())).path("synced").asBoolean();
  }

  /** What lies in a directory of the rack, or the one file. */
  public JsonNode files(String tenant, String path) {
    return call(request("/v1/files?" + at(tenant, path), CALL_TIMEOUT).GET().build());
  }

  /** Writes a file of the rack, whole. */
  public void upload(String tenant, String path, BodyPublisher content) {
    call(
        request("/v1/files/content?" + at(tenant, path), TRANSFER_TIMEOUT)
            .header("Content-Type", "application/octet-stream")
            .PUT(content)
            .build());
  }

  /**
   * Copies a file of the rack; the number of bytes.
   *
   * @throws IOException when {@code target} does not take them
   */
  public long download(String tenant, String path, OutputStream target) throws IOException {
    HttpResponse<InputStream> response =
        send(
            request("/v1/files/content?" + at(tenant, path), TRANSFER_TIMEOUT).GET().build(),
            BodyHandlers.ofInputStream());
    try (InputStream content = response.body()) {
      if (response.statusCode() != 200) {
        throw refusal(response.statusCode(), content.readNBytes(1 << 16));
      }
      return copy(path, content, target);
    }
  }

  private static long copy(String path, InputStream content, OutputStream target)
      throws IOException {
    byte[] buffer = new byte[COPY_BYTES];
    long copied = 0;
    while (true) {
      int count;
      try {
        count = content.read(buffer);
      } catch (IOException e) {
        throw RackFailure.of(
            ExitCode.RACK_FAILED,
            "the rack stopped sending %s after %d bytes (%s)"
                .formatted(path, copied, RackFailure.reason(e)));
      }
      if (count < 0) {
        return copied;
      }
      target.write(buffer, 0, count);
      copied += count;
    }
  }

  /** Deletes a file or an empty directory of the rack. */
  public void delete(String tenant, String path) {
    call(request("/v1/files?" + at(tenant, path), CALL_TIMEOUT).DELETE().build());
  }

  private static String at(String tenant, String path) {
    return "tenant=%s&path=%s".formatted(encoded(tenant), encoded(path));
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }

  private HttpRequest.Builder request(String path, Duration timeout) {
    return HttpRequest.newBuilder(URI.create(scheme + "://" + manager.get() + path))
        .timeout(timeout)
        .header("Authorization", "Bearer " + token);
  }

  private JsonNode post(String path, Object body) {
    return call(posting(path, body));
  }

  private HttpRequest posting(String path, Object body) {
    return request(path, CALL_TIMEOUT)
        .header("Content-Type", "application/json")
        .POST(BodyPublishers.ofByteArray(Json.MAPPER.writeValueAsBytes(body)))
        .build();
  }

  /** A call without which no program runs: a rack that cannot take it has failed. */
  private JsonNode callToRun(HttpRequest request) {
    HttpResponse<byte[]> response = send(request, BodyHandlers.ofByteArray());
    if (response.statusCode() >= 500) {
      throw RackFailure.of(
          ExitCode.RACK_FAILED,
          String.valueOf(refusal(response.statusCode(), response.body()).getMessage()));
    }
    return checked(response);
  }

  private JsonNode call(HttpRequest request) {
    return checked(send(request, BodyHandlers.ofByteArray()));
  }

  private <T> HttpResponse<T> send(HttpRequest request, BodyHandler<T> handler) {
    long startNs = System.nanoTime();
    HttpRequest attempt = request;
    try {
      while (true) {
        try {
          return http.send(attempt, handler);
        } catch (IOException e) {
          if (!mayRepeat(attempt, e) || System.nanoTime() - startNs >= patience.toNanos()) {
            throw RackFailure.of(
                ExitCode.RACK_FAILED,
                "global-manager-0 does not answer at %s (%s): %s"
                    .formatted(attempt.uri().getAuthority(), RackFailure.reason(e), advice));
          }
        }
        Thread.sleep(RETRY_PAUSE);
        URI uri = request.uri();
        attempt =
            HttpRequest.newBuilder(request, (name, value) -> true)
                .uri(URI.create(scheme + "://" + manager.get() + uri.getRawPath() + query(uri)))
                .build();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw RackFailure.of(ExitCode.INTERRUPTED, "interrupted");
    }
  }

  private static String query(URI uri) {
    return uri.getRawQuery() == null ? "" : "?" + uri.getRawQuery();
  }

  /** It has not come to anybody, or may come twice. */
  private static boolean mayRepeat(HttpRequest request, IOException e) {
    return e instanceof ConnectException
        || e instanceof SSLHandshakeException
        || request.method().equals("GET")
        || request.method().equals("HEAD");
  }

  private static JsonNode checked(HttpResponse<byte[]> response) {
    if (response.statusCode() / 100 != 2) {
      throw refusal(response.statusCode(), response.body());
    }
    return response.body().length == 0
        ? Json.MAPPER.createObjectNode()
        : Json.MAPPER.readTree(response.body());
  }

  private static RackFailure refusal(int status, byte[] body) {
    try {
      JsonNode error = Json.MAPPER.readTree(body);
      if (error.path("error").isString()) {
        return RackFailure.failed(error.get("error").asString());
      }
    } catch (JacksonException notOurs) {
      // Something else than the manager answered; the status says all there is.
    }
    return RackFailure.failed("global-manager-0 answered with HTTP status " + status);
  }
}
