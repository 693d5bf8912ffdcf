package org.splitrack.manager.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
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
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.Statement;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.splitrack.fabric.BootId;
import org.splitrack.fabric.ComponentId;
import org.splitrack.fabric.Endpoint;
import org.splitrack.fabric.ProcessId;
import org.splitrack.fabric.RackId;
import org.splitrack.fabric.RegionId;
import org.splitrack.fabric.control.ControlFault;
import org.splitrack.fabric.embedded.RackDatabase;
import org.splitrack.fabric.region.AccessGrant;
import org.splitrack.fabric.report.StateChange.ProcessState;
import org.splitrack.fabric.report.StateChange.RegionState;
import org.splitrack.fabric.testkit.EmbeddedPostgres;
import org.splitrack.fabric.testkit.FreePorts;
import org.splitrack.fabric.testkit.RecordingStateReporter;
import org.splitrack.fabric.transport.Identity;
import org.splitrack.fabric.transport.SharedSecret;
import org.splitrack.manager.GlobalManagerApplication;
import org.splitrack.manager.internal.authority.AuthorityTables;
import org.splitrack.manager.internal.authority.ConfigStore;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.test.context.TestConfiguration;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Primary;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The whole service over HTTP, with a real PostgreSQL and pretended components. */
class GlobalManagerIT {
  private static final Duration SOON = Duration.ofSeconds(60);
  private static final String TOKEN = "0123456789abcdef";
  private static final SharedSecret SECRET = SharedSecret.parse("00112233445566778899aabbccddeeff");
  private static final RackId RACK = new RackId(0x17);
  private static final JsonMapper JSON = new JsonMapper();
  private static final byte[] PROGRAM = "a program".getBytes(StandardCharsets.UTF_8);
  private static final HttpClient HTTP = HttpClient.newHttpClient();
  @TempDir private static Path folder;
  private static EmbeddedPostgres postgres;
  private static String database;
  private static ConfigurableApplicationContext manager;
  private static int port;
  private FakeProcessor processor;

  @BeforeAll
  static void startManagerAndPostgres() throws Exception {
    postgres = EmbeddedPostgres.start();
    database = postgres.newDatabase();
    AuthorityTables.migrate(database);
    Files.writeString(folder.resolve("secret"), "00112233445566778899aabbccddeeff");
    Files.writeString(folder.resolve("token"), TOKEN + "\n");
    port = FreePorts.next();
    manager = newManager();
  }

  @AfterAll
  static void stopManagerAndPostgres() {
    manager.close();
    postgres.close();
  }

  @BeforeEach
  void startProcessor() throws IOException {
    processor = new FakeProcessor(new Rack(port), 0);
    awaitReadiness();
  }

  @AfterEach
  void stopProcessor() {
    processor.close();
  }

  @Test
  void shouldAnswerOnlyThoseWhoShowTheOperatorToken() throws Exception {
    assertThat(get("/v1/components", null).statusCode()).isEqualTo(401);
    assertThat(get("/v1/components", "Bearer " + TOKEN + "x").statusCode()).isEqualTo(401);
    assertThat(get("/v1/components", TOKEN).statusCode()).isEqualTo(401);
    assertThat(json(get("/v1/components", null)).path("error").asString()).doesNotContain("\n");
    assertThat(get("/v1/components", "Bearer " + TOKEN).statusCode()).isEqualTo(200);
    assertThat(get("/actuator/health", null).statusCode()).isEqualTo(200);
  }

  @Test
  void shouldBeReadyOnceTheTablesAndKafkaAreThere() {
    awaitReadiness();
  }

  @Test
  void shouldTakeAProgramRunItAndSayHowItEnded() throws Exception {
    // given
    assertThat(send("HEAD", "/v1/programs/" + "f".repeat(64), null).statusCode()).isEqualTo(404);
    assertThat(put(program(), PROGRAM).statusCode()).isEqualTo(204);
    assertThat(send("HEAD", program(), null).statusCode()).isEqualTo(200);
    // when
    JsonNode started = json(run());
    long process = started.path("process").asLong();
    // then
    assertThat(started.path("component").asString()).isEqualTo("pcomponent-0");
    assertThat(started.path("attach").asString()).startsWith("127.0.0.1:");
    assertThat(started.path("ticket").asString()).hasSize(32);
    HttpResponse<byte[]> waiting = get("/v1/processes/" + process + "/wait?wait_ms=1");
    assertThat(waiting.statusCode()).isEqualTo(202);
    assertThat(json(waiting).path("state").asString()).isEqualTo("running");
    processor.exit(new ProcessId(process), 5);
    HttpResponse<byte[]> ended = get("/v1/processes/" + process + "/wait");
    assertThat(ended.statusCode()).isEqualTo(200);
    assertThat(json(ended).path("exit_code").asInt()).isEqualTo(5);
    assertThat(json(ended).path("misses").asInt()).isEqualTo(12);
    assertThat(json(ended).has("started_at")).isTrue();
  }

  @Test
  void shouldHandOverOutputAndSettingsAndStop() throws Exception {
    // given
    put(program(), PROGRAM);
    String process = "/v1/processes/" + json(run()).path("process").asLong();
    // when
    HttpResponse<byte[]> output = get(process + "/output?offset=1");
    HttpResponse<byte[]> set = post(process + "/set", "{\"cache\":\"25%\"}");
    HttpResponse<byte[]> stop = post(process + "/stop", "{}");
    // then
    assertThat(new String(output.body(), StandardCharsets.UTF_8)).isEqualTo("ello");
    assertThat(output.headers().firstValue("X-Next-Offset")).hasValue("5");
    assertThat(output.headers().firstValue("X-Ended")).hasValue("true");
    assertThat(set.statusCode()).isEqualTo(200);
    assertThat(stop.statusCode()).isEqualTo(200);
    assertThat(get(process + "/wait").statusCode()).isEqualTo(200);
    assertThat(post(process + "/stop", "{}").statusCode()).isEqualTo(409);
  }

  @Test
  void shouldRefuseEachWrongRequestInOneLine() throws Exception {
    put(program(), PROGRAM);
    refused(400, post("/v1/processes", "{\"name\""), "not the JSON");
    refused(400, post("/v1/processes", "{}"), "'program_digest' is missing");
    refused(400, post("/v1/processes", spec("\"ack\":\"logged\"")), "ack 'logged' needs a log");
    refused(400, post("/v1/processes", spec("\"on_failure\":\"resume\"")), "on-failure 'resume'");
    refused(
        404, post("/v1/migrations", "{\"region\":99,\"target\":\"mcomponent-0\"}"), "no region 99");
    refused(400, post("/v1/migrations", "{\"region\":99}"), "needs 'region' and 'target'");
    refused(400, post("/v1/migrations", "{\"region\":1,\"target\":\"x\"}"), "no component id");
    refused(404, get("/v1/migrations/7"), "there is no migration 7");
    refused(400, post("/v1/processes", spec("\"cache\":\"0%\"")), "cache '0%'");
    refused(400, post("/v1/processes", spec("\"evict\":\"lru\"")), "evict 'lru'");
    refused(400, put("/v1/programs/" + "0".repeat(64), PROGRAM), "have digest");
    refused(400, put("/v1/programs/abc", PROGRAM), "no SHA-256");
    refused(404, get("/v1/processes/99"), "there is no process 99");
    refused(404, get("/v1/processes/-1"), "there is no process -1");
    refused(400, get("/v1/processes/x"), "'x' is no number");
    refused(404, post("/v1/processes/99/stop", "{}"), "there is no process 99");
    refused(404, get("/v1/nothing"), "nothing");
    refused(413, post("/v1/processes", " ".repeat(1 << 21)), "at most 1048576 bytes");
    processor.refusal = new ControlFault(ControlFault.Code.FULL, "no frames left");
    processor.beat(List.of());
    refused(409, run(), "nothing can run it: pcomponent-0: no frames left");
  }

  @Test
  void shouldNeverUseAProcessNumberAgain() throws Exception {
    // given
    put(program(), PROGRAM);
    long first = json(run()).path("process").asLong();
    // when
    restartManager();
    put(program(), PROGRAM);
    long second = json(run()).path("process").asLong();
    // then
    assertThat(second).isGreaterThan(first + 50);
  }

  @Test
  void shouldGoOnWithRunningProcessesWhenOnlyTheManagerIsKilled() throws Exception {
    // given
    put(program(), PROGRAM);
    long process = json(run()).path("process").asLong();
    ProcessId id = new ProcessId(process);
    try (FakeMemory memory = new FakeMemory(new Rack(port), 0, 4_096)) {
      AccessGrant grant = processor.grow(id, 0, 16).grants().getFirst();
      long term = manager.getBean(ConfigStore.class).term();
      // when
      manager.close();
      manager = newManager();
      processor.start();
      memory.start();
      processor.beat(List.of(process));
      awaitReadiness();
      // then
      ConfigStore store = manager.getBean(ConfigStore.class);
      assertThat(store.term()).isGreaterThan(term);
      assertThat(store.region(grant.region()).orElseThrow().grant()).isEqualTo(grant);
      assertThat(json(get("/v1/processes/" + process + "/attach")).path("ticket").asString())
          .hasSize(32);
      assertThat(processor.grow(id, 16, 32).grants().getFirst().reservedPages()).isEqualTo(32);
      processor.exit(id, 4);
      HttpResponse<byte[]> ended = get("/v1/processes/" + process + "/wait");
      assertThat(json(ended).path("exit_code").asInt()).isEqualTo(4);
      assertThat(json(ended).path("state").asString()).isEqualTo("exited");
      await().atMost(SOON).untilAsserted(() -> assertThat(memory.reservedPages()).isZero());
    }
  }

  @Test
  void shouldLoseTheProcessesThatRanWhenEverythingIsStartedAnew() throws Exception {
    // given
    put(program(), PROGRAM);
    long process = json(run()).path("process").asLong();
    RegionId region;
    try (FakeMemory memory = new FakeMemory(new Rack(port), 0, 4_096)) {
      assertThat(memory.reservedPages()).isZero();
      region = processor.grow(new ProcessId(process), 0, 16).grants().getFirst().region();
    }
    // when
    restartManager();
    try (FakeMemory memory = new FakeMemory(new Rack(port), 0, 4_096)) {
      awaitReadiness();
      // then
      HttpResponse<byte[]> ended = get("/v1/processes/" + process + "/wait?wait_ms=30000");
      assertThat(ended.statusCode()).isEqualTo(200);
      assertThat(json(ended).path("state").asString()).isEqualTo("lost");
      assertThat(json(ended).path("exit_code").asInt()).isEqualTo(125);
      assertThat(manager.getBean(ConfigStore.class).region(region)).isEmpty();
      assertThat(memory.reservedPages()).isZero();
    }
  }

  @Test
  void shouldEndInTheTablesWhatTheAuthorityDoesNotKnow() throws Exception {
    // given
    awaitReadiness();
    asOwner(
        "INSERT INTO os_sched.process (process, name, program, program_digest, args, tenant,"
            + " owner, component, state, ack, safety, started_at, stats, source, source_boot_id,"
            + " source_seq, changed_at) SELECT nextval('os_sched.process_id'),"
            + " 'word_count', 'wc', '', '{wc,/text}', 'default', 'me', 'pcomponent-0',"
            + " 'running', 'none', 'default', now(), '{}', 'global-manager-0', '17', 3, now()");
    asOwner(
        "INSERT INTO os_mem.region (region, process, index, home, secondaries, epoch, term, mode,"
            + " pages, copies, copies_wanted, protection, moving, source, source_boot_id,"
            + " source_seq, changed_at) SELECT nextval('os_mem.region_id'), 1,"
            + " 0, 'mcomponent-0', '{}', 1, 1, 'private', 16, 1, 1, 'none', false,"
            + " 'global-manager-0', '17', 4, now()");
    // when
    restartManager();
    // then
    RecordingStateReporter reporter = manager.getBean(RecordingStateReporter.class);
    await()
        .atMost(SOON)
        .untilAsserted(
            () ->
                assertThat(reporter.changes(ProcessState.class))
                    .filteredOn(state -> state.args().equals(List.of("wc", "/text")))
                    .singleElement()
                    .satisfies(
                        state -> {
                          assertThat(state.state()).isEqualTo("lost");
                          assertThat(state.endedAt()).isNotNull();
                          refused(
                              409,
                              post("/v1/processes/" + state.process() + "/stop", "{}"),
                              "of an earlier start");
                          assertThat(
                                  json(get("/v1/processes/" + state.process()))
                                      .path("name")
                                      .asString())
                              .isEqualTo("word_count");
                        }));
    await()
        .atMost(SOON)
        .untilAsserted(
            () ->
                assertThat(reporter.changes(RegionState.class))
                    .anySatisfy(region -> assertThat(region.ended()).isTrue()));
  }

  @Test
  void shouldSayWhenTheTablesShowEverything() throws Exception {
    // given
    JsonNode before = json(post("/v1/sync", "{\"timeout_ms\":100}"));
    // when
    asOwner(
        "INSERT INTO os_mon.mirror_position VALUES ('global-manager-0', '"
            + manager.getBean(Identity.class).boot()
            + "', 1000000, now(), now())");
    JsonNode after = json(post("/v1/sync", "{\"timeout_ms\":30000}"));
    // then
    assertThat(before.path("synced").asBoolean()).isFalse();
    assertThat(before.path("waiting_for").get(0).asString()).startsWith("global-manager-0: ");
    assertThat(after.path("synced").asBoolean()).isTrue();
  }

  @Test
  void shouldRefuseAStartInOneLineWhilePostgresIsAwayAndStartAfterwards() throws Exception {
    // given
    put(program(), PROGRAM);
    awaitReadiness();
    long process = json(run()).path("process").asLong();
    processor.beat(List.of(process));
    postgres.kill();
    try {
      // when
      refused(503, run(), "PostgreSQL does not answer");
      // then
      assertThat(json(get("/v1/processes/" + process)).path("state").asString())
          .isEqualTo("running");
      await()
          .atMost(SOON)
          .untilAsserted(
              () -> {
                HttpResponse<byte[]> readiness = get("/actuator/health/readiness", null);
                assertThat(readiness.statusCode()).isEqualTo(503);
                assertThat(new String(readiness.body(), StandardCharsets.UTF_8))
                    .contains("PostgreSQL does not answer");
              });
    } finally {
      postgres.restart();
    }
    awaitReadiness();
    processor.beat(List.of());
    assertThat(run().statusCode()).isEqualTo(200);
  }

  private void awaitReadiness() {
    await()
        .atMost(SOON)
        .untilAsserted(
            () -> assertThat(get("/actuator/health/readiness", null).statusCode()).isEqualTo(200));
  }

  private void refused(int status, HttpResponse<byte[]> response, String reason)
      throws IOException {
    assertThat(response.statusCode())
        .as(new String(response.body(), StandardCharsets.UTF_8))
        .isEqualTo(status);
    assertThat(json(response).path("error").asString()).contains(reason).doesNotContain("\n");
  }

  private HttpResponse<byte[]> run() throws Exception {
    return post("/v1/processes", spec("\"ack\":\"none\""));
  }

  private static String spec(String more) throws Exception {
    return "{\"name\":\"word_count\",\"args\":[\"wc\"],\"program_digest\":\""
        + digest()
        + "\","
        + more
        + "}";
  }

  private static String program() throws Exception {
    return "/v1/programs/" + digest();
  }

  private static String digest() throws Exception {
    return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(PROGRAM));
  }

  private HttpResponse<byte[]> get(String path) throws IOException, InterruptedException {
    return get(path, "Bearer " + TOKEN);
  }

  private HttpResponse<byte[]> get(String path, @Nullable String authorization)
      throws IOException, InterruptedException {
    HttpRequest.Builder request = HttpRequest.newBuilder(uri(path)).GET();
    if (authorization != null) {
      request.header("Authorization", authorization);
    }
    return HTTP.send(request.build(), BodyHandlers.ofByteArray());
  }

  private HttpResponse<byte[]> post(String path, String body)
      throws IOException, InterruptedException {
    return send("POST", path, body.getBytes(StandardCharsets.UTF_8));
  }

  private HttpResponse<byte[]> put(String path, byte[] body)
      throws IOException, InterruptedException {
    return send("PUT", path, body);
  }

  private HttpResponse<byte[]> send(String method, String path, byte @Nullable [] body)
      throws IOException, InterruptedException {
    return HTTP.send(
        HttpRequest.newBuilder(uri(path))
            .method(
                method, body == null ? BodyPublishers.noBody() : BodyPublishers.ofByteArray(body))
            .header("Authorization", "Bearer " + TOKEN)
            .header("Content-Type", "application/json")
            .build(),
        BodyHandlers.ofByteArray());
  }

  private URI uri(String path) {
    return URI.create(
        "http://127.0.0.1:" + manager.getEnvironment().getProperty("local.server.port") + path);
  }

  private static JsonNode json(HttpResponse<byte[]> response) {
    return JSON.readTree(response.body());
  }

  private static void asOwner(String sql) throws Exception {
    try (Connection owner = DriverManager.getConnection(database, RackDatabase.TABLES, "any");
        Statement statement = owner.createStatement()) {
      statement.execute(sql);
    }
  }

  private void restartManager() throws IOException {
    processor.close();
    manager.close();
    manager = newManager();
    processor = new FakeProcessor(new Rack(port), 0);
  }

  private static ConfigurableApplicationContext newManager() {
    return new SpringApplicationBuilder(GlobalManagerApplication.class, WithoutKafka.class)
        .properties(
            Map.of(
                "server.port",
                "0",
                "splitrack.component",
                "global-manager-0",
                "splitrack.rack-id",
                RACK.toString(),
                "splitrack.secret-file",
                folder.resolve("secret").toString(),
                "splitrack.operator-token-file",
                folder.resolve("token").toString(),
                "splitrack.data-dir",
                folder.toString(),
                "splitrack.port",
                Integer.toString(port),
                "splitrack.kafka",
                "127.0.0.1:1",
                "splitrack.postgres-url",
                database,
                "splitrack.postgres-user",
                RackDatabase.MANAGER))
        .run();
  }

  /** The rack as its components know it. */
  private record Rack(int port) implements FakeRack {
    @Override
    public Identity identity(ComponentId component, BootId boot) {
      return new Identity(RACK, component, boot, SECRET);
    }

    @Override
    public Endpoint endpoint() {
      return new Endpoint("127.0.0.1", port);
    }
  }

  /** Keeps what the manager tells the tables instead of sending it. */
  @TestConfiguration(proxyBeanMethods = false)
  static class WithoutKafka {
    @Bean
    @Primary
    RecordingStateReporter recordingStateReporter() {
      return new RecordingStateReporter();
    }
  }
}
