package org.splitrack.jobs.internal;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.splitrack.fabric.BootId;
import org.splitrack.fabric.ComponentId;
import org.splitrack.fabric.Endpoint;
import org.splitrack.fabric.ProcessId;
import org.splitrack.fabric.RackId;
import org.splitrack.fabric.Role;
import org.splitrack.fabric.attach.AttachClient;
import org.splitrack.fabric.attach.ProgramOutcome;
import org.splitrack.fabric.transport.Dialer;
import org.splitrack.fabric.transport.Identity;
import org.splitrack.fabric.transport.SharedSecret;
import org.splitrack.fabric.transport.TcpTransport;
import org.splitrack.fabric.transport.TlsCredentials;
import org.splitrack.fabric.transport.TlsTransport;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * {@code helm test}: runs a program on the rack, with a quarter of its memory cached, and compares
 * what it prints with what it must print.
 */
public final class RunCheck {
  private static final String PROGRAM = "matrix_multiply.wasm";
  private static final String EXPECTED = "matrix_multiply.txt";
  private static final Duration CALL_LIMIT = Duration.ofMinutes(1);
  private static final JsonMapper JSON = JsonMapper.shared();

  private final HttpClient http;
  private final String manager;
  private final String token;
  private final Dialer dialer;

  private RunCheck(
      Endpoint manager, String token, Identity identity, @Nullable TlsCredentials tls) {
    HttpClient.Builder builder =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(5));
    TcpTransport tcp = new TcpTransport();
    if (tls == null) {
      this.manager = "http://" + manager;
      this.dialer = new Dialer(tcp, identity);
    } else {
      builder.sslContext(tls.contextFor(Role.GLOBAL_MANAGER));
      this.manager = "https://" + manager;
      this.dialer = new Dialer(new TlsTransport(tcp, tls), identity);
    }
    this.http = builder.build();
    this.token = token;
  }

  /**
   * Runs the job.
   *
   * @param environment {@code SPLITRACK_MANAGER_HTTP}, {@code SPLITRACK_RACK_ID}, and the files
   *     {@code SPLITRACK_SECRET_FILE} and {@code SPLITRACK_OPERATOR_TOKEN_FILE}; those of {@code
   *     SPLITRACK_TLS_…_FILE} where the rack uses TLS
   * @throws JobFailure in one line: also when the output is wrong
   */
  public static void run(Function<String, @Nullable String> environment, Consumer<String> told)
      throws InterruptedException {
    try {
      RunCheck check =
          new RunCheck(
              Endpoint.parse(JobFailure.required(environment, "SPLITRACK_MANAGER_HTTP")),
              Files.readString(
                      Path.of(JobFailure.required(environment, "SPLITRACK_OPERATOR_TOKEN_FILE")))
                  .strip(),
              new Identity(
                  RackId.parse(JobFailure.required(environment, "SPLITRACK_RACK_ID")),
                  new ComponentId(Role.CLI, 0),
                  BootId.random(),
                  SharedSecret.read(
                      Path.of(JobFailure.required(environment, "SPLITRACK_SECRET_FILE")))),
              JobEnvironment.credentials(environment));
      check.check(resource(PROGRAM), resource(EXPECTED), told);
    } catch (IOException e) {
      throw new JobFailure("the rack cannot be tested: " + JobFailure.reason(e));
    }
  }

  private void check(byte[] module, byte[] expected, Consumer<String> told)
      throws IOException, InterruptedException {
    String digest = digest(module);
    call(request("/v1/programs/" + digest).PUT(BodyPublishers.ofByteArray(module)));
    JsonNode started =
        call(
            request("/v1/processes")
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofByteArray(JSON.writeValueAsBytes(spec(digest)))));
    long process = started.get("process").asLong();
    told.accept("process %d runs on %s".formatted(process, started.get("component").asString()));
    Output output = new Output();
    ProgramOutcome outcome;
    try (AttachClient attached =
        AttachClient.connect(
            dialer,
            Endpoint.parse(started.get("attach").asString()),
            new ProcessId(process),
            started.get("ticket").asString(),
            CALL_LIMIT)) {
      attached.pumpInput(InputStream.nullInputStream());
      outcome = attached.awaitEnd(output);
    }
    if (outcome.exitCode() != 0) {
      throw new JobFailure(
          "process %d %s with exit code %d: %s"
              .formatted(
                  process, outcome.state(), outcome.exitCode(), why(process, output.error())));
    }
    if (!Arrays.equals(output.out.toByteArray(), expected)) {
      throw new JobFailure(
          "process %d printed the wrong result: %s".formatted(process, output.text()));
    }
    told.accept(
        "its result is right: %s misses, %s write-backs"
            .formatted(outcome.stats().get("misses"), outcome.stats().get("write_backs")));
  }

  /** What it said itself, or else the manager's reason. */
  private String why(long process, String said) throws IOException, InterruptedException {
    return said.isEmpty()
        ? call(request("/v1/processes/" + process).GET()).path("reason").asString("no reason given")
        : said;
  }

  private static Map<String, Object> spec(String digest) {
    return Map.ofEntries(
        Map.entry("name", "helm-test"),
        Map.entry("program", PROGRAM),
        Map.entry("program_digest", digest),
        Map.entry("args", List.of(PROGRAM)),
        Map.entry("cache", "25%"),
        Map.entry("ack", "safe"));
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create(manager + path))
        .timeout(CALL_LIMIT)
        .header("Authorization", "Bearer " + token);
  }

  private JsonNode call(HttpRequest.Builder request) throws IOException, InterruptedException {
    HttpResponse<byte[]> response = http.send(request.build(), BodyHandlers.ofByteArray());
    if (response.statusCode() / 100 != 2) {
      throw new JobFailure(
          "the manager answers %d: %s"
              .formatted(
                  response.statusCode(), new String(response.body(), StandardCharsets.UTF_8)));
    }
    return response.body().length == 0 ? JSON.createObjectNode() : JSON.readTree(response.body());
  }

  private static byte[] resource(String name) throws IOException {
    try (InputStream bytes = RunCheck.class.getResourceAsStream("/check/" + name)) {
      if (bytes == null) {
        throw new IllegalStateException("the build left out " + name);
      }
      return bytes.readAllBytes();
    }
  }

  private static String digest(byte[] module) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(module));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  private static final class Output implements AttachClient.Receiver {
    private static final int MOST_BYTES = 1 << 20;

    final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    @Override
    public void output(byte[] bytes, int length) throws IOException {
      take(out, bytes, length);
    }

    @Override
    public void error(byte[] bytes, int length) throws IOException {
      take(err, bytes, length);
    }

    private static void take(ByteArrayOutputStream target, byte[] bytes, int length)
        throws IOException {
      if (target.size() + length > MOST_BYTES) {
        throw new IOException("the program prints more than " + MOST_BYTES + " bytes");
      }
      target.write(bytes, 0, length);
    }

    String text() {
      return out.toString(StandardCharsets.UTF_8).strip();
    }

    String error() {
      return err.toString(StandardCharsets.UTF_8).strip();
    }
  }
}
