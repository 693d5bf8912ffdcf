package org.splitrack.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.common.errors.AuthenticationException;
import org.apache.kafka.common.errors.AuthorizationException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;
import org.junit.jupiter.api.io.TempDir;
import org.splitrack.certificates.RackCertificates;
import org.splitrack.fabric.BootId;
import org.splitrack.fabric.embedded.KafkaFolder;
import org.splitrack.fabric.report.BrokerAccess;
import org.splitrack.fabric.report.BrokerSecurity;
import org.splitrack.fabric.report.KafkaStateReporter;
import org.splitrack.fabric.report.StateChange;
import org.splitrack.fabric.report.StateTopic;
import org.splitrack.fabric.testkit.EmbeddedPostgres;
import org.splitrack.fabric.testkit.FreePorts;
import org.splitrack.fabric.transport.TlsFiles;

/**
 * The bundled servers with the configuration that the chart renders for them, as processes of this
 * machine: whom they let in. Needs helm and no cluster.
 */
@EnabledIfEnvironmentVariable(
    named = "SPLITRACK_TEST_CLUSTER",
    matches = ".+",
    disabledReason = "SPLITRACK_TEST_CLUSTER names no kube context")
class ChartServersE2E {
  private static final String NO_SECURITY = "28000";
  private static final String WRONG_PASSWORD = "28P01";

  /** The first request of any client, in clear: which versions do you speak? */
  private static final byte[] API_VERSIONS = {0, 0, 0, 10, 0, 18, 0, 0, 0, 0, 0, 7, -1, -1};

  private final List<HasMetadata> rendered = ChartE2E.rendered("");

  @TempDir private Path own;
  @TempDir private Path strangers;

  @Test
  void shouldLetOnlyRolesThatNeedItSpeakWithKafkaAndNobodyInClear() throws Exception {
    issue(own);
    issue(strangers);
    int port = FreePorts.next();
    KafkaFolder folder = new KafkaFolder(own.resolve("kafka"));
    Files.createDirectories(folder.folder());
    int controllerPort = FreePorts.next();
    folder.prepare(port, controllerPort, brokerSettings(port, controllerPort));
    Path log = own.resolve("kafka.log");
    Process broker = startBroker(folder, log);
    try {
      await()
          .atMost(Duration.ofMinutes(1))
          .ignoreExceptions()
          .until(() -> answerInClear(port) != null);
      String servers = "localhost:" + port;

      // those that need it
      try (Admin tables = admin(as("table-service", own, servers))) {
        tables.createTopics(List.of(new NewTopic(StateTopic.NAME, 1, (short) 1))).all().get();
      }
      for (String role : List.of("pcomponent", "global-manager")) {
        try (KafkaStateReporter reporter =
            KafkaStateReporter.start(role + "-0", BootId.random(), as(role, own, servers))) {
          reporter.report(new StateChange.Event("test", null, null, null, "Said.", Map.of()));
          assertThat(reporter.flush(30_000)).as(role + ": " + reporter.trouble()).isEqualTo(1);
        }
      }

      // those that do not
      for (String role : List.of("mcomponent", "scomponent", "cli", "postgres")) {
        assertThat(refusal(as(role, own, servers).settings(Map.of())))
            .as(role)
            .isInstanceOf(AuthorizationException.class);
      }

      // nobody's, another rack's, in clear, and a broker under another name
      Map<String, Object> nameless = as("table-service", own, servers).settings(Map.of());
      nameless.keySet().removeIf(key -> key.startsWith("ssl.keystore."));
      assertThat(refusal(nameless)).isInstanceOf(AuthenticationException.class);
      TlsFiles theirs = files("table-service", strangers);
      assertThat(
              refusal(
                  access(
                          servers,
                          new TlsFiles(
                              own.resolve("tls-ca.crt"), theirs.certificate(), theirs.key()))
                      .settings(Map.of())))
          .isInstanceOf(AuthenticationException.class);
      assertThat(answerInClear(port)).as("an alert of TLS").startsWith(21, 3, 3).hasSize(7);
      assertThat(refusal(as("table-service", own, "127.0.0.1:" + port).settings(Map.of())))
          .as("its certificate does not name this host")
          .isInstanceOf(AuthenticationException.class);
      assertThat(Files.readString(log))
          .contains("ssl.keystore.key = [hidden]")
          .doesNotContain(keyBody("kafka"));
      assertThat(Files.readString(folder.folder().resolve("server.properties")))
          .doesNotContain(keyBody("kafka"));
    } finally {
      broker.destroyForcibly().waitFor();
    }
  }

  /** It logs its settings, as that of the image does. */
  private Process startBroker(KafkaFolder folder, Path log) throws IOException {
    Path logging =
        Files.writeString(
            own.resolve("logback.xml"),
            """
            <configuration>
              <appender name="console" class="ch.qos.logback.core.ConsoleAppender">
                <encoder><pattern>%level %logger{0} %msg%n</pattern></encoder>
              </appender>
              <root level="info"><appender-ref ref="console"/></root>
            </configuration>
            """);
    return new ProcessBuilder(
            folder.serverCommand(
                Path.of(System.getProperty("java.home"), "bin", "java"),
                System.getProperty("java.class.path"),
                List.of(
                    "-Xmx256m",
                    "-XX:+UseSerialGC",
                    "-XX:TieredStopAtLevel=1",
                    "-Dlogback.configurationFile=" + logging)))
        .redirectErrorStream(true)
        .redirectOutput(log.toFile())
        .start();
  }

  /** What the image's start script makes of the environment, with ports and folders of here. */
  private Map<String, String> brokerSettings(int port, int controllerPort) {
    Map<String, String> settings = new HashMap<>();
    for (EnvVar variable : container("rack-kafka").getEnv()) {
      if (variable.getName().startsWith("KAFKA_") && !variable.getName().endsWith("_OPTS")) {
        settings.put(
            variable
                .getName()
                .substring("KAFKA_".length())
                .toLowerCase(Locale.ROOT)
                .replace('_', '.'),
            here(variable.getValue())
                .replace("rack-kafka", "localhost")
                .replace(":9092", ":" + port)
                .replace(":9093", ":" + controllerPort));
      }
    }
    settings.put("log.dirs", own.resolve("kafka/log").toString());
    return settings;
  }

  private BrokerAccess as(String role, Path folder, String servers) {
    return access(servers, files(role, folder));
  }

  private static BrokerAccess access(String servers, TlsFiles files) {
    return new BrokerAccess(servers, new BrokerSecurity.RackTls(files));
  }

  private static Admin admin(BrokerAccess access) {
    return Admin.create(access.settings(Map.of()));
  }

  /** Why somebody may not make a topic. */
  private static Throwable refusal(Map<String, Object> settings) throws InterruptedException {
    try (Admin admin = Admin.create(settings)) {
      admin.createTopics(List.of(new NewTopic("theirs", 1, (short) 1))).all().get();
      throw new AssertionError("a topic was made");
    } catch (ExecutionException e) {
      return Objects.requireNonNull(e.getCause());
    }
  }

  /** The bytes that come back until the broker closes. */
  private static byte[] answerInClear(int port) throws IOException {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.setSoTimeout(10_000);
      socket.getOutputStream().write(API_VERSIONS);
      return socket.getInputStream().readAllBytes();
    }
  }

  @Test
  void shouldLetIntoPostgresOnlyWhoShowsACertificateOfTheRackAndKnowsAPassword() throws Exception {
    issue(own);
    issue(strangers);
    Map<String, String> parameters =
        container("rack-postgres").getArgs().stream()
            .filter(argument -> argument.startsWith("-c"))
            .map(argument -> here(argument.substring(2)).split("=", 2))
            .collect(Collectors.toMap(setting -> setting[0], setting -> setting[1]));
    Files.writeString(own.resolve("pg_hba.conf"), access());

    try (EmbeddedPostgres postgres = EmbeddedPostgres.start("", parameters)) {
      for (String service : List.of("global-manager", "table-service")) {
        Map<String, String> told =
            container("rack-" + service).getEnv().stream()
                .filter(variable -> variable.getName().startsWith("SPLITRACK_POSTGRES_"))
                .collect(Collectors.toMap(EnvVar::getName, EnvVar::getValue));
        String url =
            here(Objects.requireNonNull(told.get("SPLITRACK_POSTGRES_URL")))
                .replace("rack-postgres:5432", "localhost:" + postgres.port());
        String user = Objects.requireNonNull(told.get("SPLITRACK_POSTGRES_USER"));

        assertThat(whoAndHow(url, user, "any"))
            .isEqualTo(user + " over TLSv1.3 with /O=splitrack/CN=" + service);

        assertRefused(url, user, "none", WRONG_PASSWORD);
        assertRefused(url, "postgres", "any", NO_SECURITY);
        assertRefused(url.replaceAll("&sslcert.*", ""), user, "any", NO_SECURITY);
        assertRefused(url.replaceAll("\\?.*", "?sslmode=disable"), user, "any", NO_SECURITY);
        assertThatThrownBy(
                () ->
                    whoAndHow(
                        url.replace(own + "/tls-" + service, strangers + "/tls-" + service),
                        user,
                        "any"))
            .isInstanceOf(SQLException.class);
      }
    }
  }

  private static void assertRefused(String url, String user, String password, String state) {
    assertThatThrownBy(() -> whoAndHow(url, user, password))
        .isInstanceOfSatisfying(
            SQLException.class,
            e -> assertThat(e.getSQLState()).as(e.getMessage()).isEqualTo(state));
  }

  private static String whoAndHow(String url, String user, String password) throws SQLException {
    try (Connection connection = DriverManager.getConnection(url, user, password);
        ResultSet row =
            connection
                .createStatement()
                .executeQuery(
                    "SELECT current_user || ' over ' || version || ' with ' || client_dn"
                        + " FROM pg_stat_ssl WHERE pid = pg_backend_pid()")) {
      row.next();
      return row.getString(1);
    }
  }

  private String access() {
    return rendered.stream()
        .filter(ConfigMap.class::isInstance)
        .map(ConfigMap.class::cast)
        .filter(map -> map.getMetadata().getName().equals("rack-postgres"))
        .map(map -> map.getData().get("pg_hba.conf"))
        .collect(Collectors.joining());
  }

  /** Makes certificates of a new authority, as the chart's Job does. */
  private static void issue(Path folder) throws IOException {
    Map<String, String> texts =
        RackCertificates.make(
            Map.of(
                "kafka", List.of("localhost"),
                "postgres", List.of("localhost"),
                "global-manager", List.of(),
                "table-service", List.of(),
                "pcomponent", List.of(),
                "mcomponent", List.of(),
                "scomponent", List.of(),
                "cli", List.of()),
            Instant.now());
    for (Map.Entry<String, String> text : texts.entrySet()) {
      Path file = Files.writeString(folder.resolve(text.getKey()), text.getValue());
      Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-------"));
    }
  }

  private static TlsFiles files(String role, Path folder) {
    return new TlsFiles(
        folder.resolve("tls-ca.crt"),
        folder.resolve("tls-" + role + ".crt"),
        folder.resolve("tls-" + role + ".key"));
  }

  /** The first line of a key after its header. */
  private String keyBody(String role) throws IOException {
    return Files.readAllLines(own.resolve("tls-" + role + ".key")).get(1);
  }

  private String here(String text) {
    return text.replace("/secrets", own.toString()).replace("/access", own.toString());
  }

  private Container container(String name) {
    return ChartE2E.container(name, rendered);
  }
}
