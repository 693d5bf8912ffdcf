package org.splitrack.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.splitrack.e2e.ClusterRack.SOON;
import static org.splitrack.e2e.ClusterRack.assertIntact;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Secret;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;

/**
 * A rack on a PostgreSQL and a Kafka that are not its own, and that only pods of the cluster reach:
 * this machine does not.
 */
@ClusterTest
@LongTest
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class ClusterExternalE2E {
  private static final String RELEASE = "guest";
  private static final String SECRET = "made-by-hand";

  private static TestCluster cluster;
  private static ForeignServers foreign;
  private static ClusterRack pods;
  private static Rack rack;

  @BeforeAll
  static void install() {
    Map<String, String> keys = RackSecrets.generate(RELEASE);
    keys.remove("database.sql");
    keys.remove("postgres-admin.password");
    keys.keySet().removeIf(key -> key.startsWith("tls-postgres."));
    cluster = TestCluster.connect();
    foreign = ForeignServers.start(keys);
    cluster.put(SECRET, keys);
    foreign.introduce(cluster);
    foreign.awaitReady();
    pods =
        ClusterRack.install(
            cluster,
            RELEASE,
            Stream.of(
                    RackSecrets.small(),
                    foreign.values(),
                    Stream.of("--set", "existingSecret=" + SECRET))
                .flatMap(words -> words)
                .toArray(String[]::new));
    rack = pods.rack;
  }

  @AfterAll
  static void remove() {
    rack.close();
    foreign.close();
    cluster.close();
  }

  @Test
  @Order(1)
  void shouldBringNoDatabaseAndNoBrokerOfItsOwn() {
    assertThat(pods.podsOf("postgres", "kafka", "make-secrets")).isEmpty();
    assertThat(cluster.claims())
        .allMatch(name -> name.startsWith("data-" + RELEASE + "-scomponent-"));
    assertThat(pods.states())
        .containsExactlyInAnyOrder(
            "pcomponent-0 up",
            "mcomponent-0 up",
            "mcomponent-1 up",
            "scomponent-0 up",
            "global-manager-0 up",
            "table-service-0 up",
            "postgres-0 up",
            "kafka-0 up");
  }

  @Test
  @Order(2)
  void shouldPassItsOwnTestAndRunPrograms() {
    pods.assertPassesItsOwnTest();

    Rack.Outcome run = rack.command("run", "--cache", "25%", Rack.example("histogram"));
    assertThat(run.exitCode()).as(run.err()).isZero();
    assertThat(run.out()).contains(Rack.expected("histogram"));
  }

  /** From here the address of the database leads nowhere; the table service passes queries on. */
  @Test
  @Order(3)
  void shouldAnswerQueriesOfAMachineThatTheDatabaseIsOutOfReachOf() throws Exception {
    assertThat(rack.command("ps", "-a").out()).contains("helm-test");
    assertThat(rack.command("components").out()).contains("table-service-0");
    assertThat(rack.sql("SELECT count(*) AS ended FROM api.processes WHERE state = 'exited'"))
        .singleElement()
        .satisfies(row -> assertThat(row.path("ended").asLong()).isEqualTo(2));
    assertThat(rack.command("sql", "DELETE FROM os_sched.process").exitCode()).isEqualTo(1);

    Process url = rack.start("url");
    try (BufferedReader said = url.inputReader(StandardCharsets.UTF_8)) {
      String address = said.readLine();
      assertThat(address).startsWith("jdbc:postgresql://127.0.0.1:").contains("sslmode=require");
      assertThat(whoAndHow(address)).isEqualTo("rack_reader over TLSv1.3");
      assertThat(whoAndHow(address)).as("and again").isEqualTo("rack_reader over TLSv1.3");
    } finally {
      url.destroy();
    }
  }

  private static String whoAndHow(String address) throws SQLException {
    try (Connection connection = DriverManager.getConnection(address);
        ResultSet row =
            connection
                .createStatement()
                .executeQuery(
                    "SELECT current_user || ' over ' || version FROM pg_stat_ssl WHERE pid = pg_backend_pid()")) {
      row.next();
      return row.getString(1);
    }
  }

  @Test
  @Order(4)
  void shouldAnswerQueriesAgainWhenTheTableServiceRunsElsewhere() {
    Pod before = pods.onlyPodOf("table-service");
    pods.deleteByForce(before);
    pods.awaitGone(List.of(before));

    await().atMost(SOON).until(() -> rack.command("sql", "SELECT 1").exitCode() == 0);
    pods.awaitAllUp();
  }

  @Test
  @Order(5)
  void shouldLetProgramsGoOnWhileTheDatabaseIsAwayAndBeWellWhenItIsBack() throws IOException {
    try (HeldProgram program = pods.hold()) {
      // when
      foreign.scale(ForeignServers.POSTGRES, 0);

      // then
      assertIntact(program);
      Rack.Outcome asked = rack.command("sql", "SELECT 1");
      assertThat(asked.exitCode()).isEqualTo(1);
      assertThat(asked.err().strip().lines()).as(asked.err()).hasSize(1);
      assertThat(asked.err()).contains("PostgreSQL cannot be reached at db.");
      await()
          .atMost(SOON)
          .until(
              () ->
                  pods.describe("global-manager").contains("global-manager-0 waits for postgres"));
    } finally {
      foreign.scale(ForeignServers.POSTGRES, 1);
    }

    pods.awaitAllUp();
    Rack.Outcome run = rack.command("run", Rack.example("histogram"));
    assertThat(run.exitCode()).as(run.err()).isZero();
    rack.awaitRow("SELECT 1 FROM api.processes WHERE name LIKE 'held-%' AND exit_code = 0");
    assertThat(pods.podsOf("global-manager", "table-service", "pcomponent"))
        .as("nobody had to start again")
        .allSatisfy(pod -> assertThat(ClusterRack.restartsOf(pod)).isZero());
  }

  @Test
  @Order(6)
  void shouldLeaveWhatIsOthersAloneWhenItGoes() {
    List<Pod> before = foreign.pods();

    Rack.Outcome removed = cluster.helm("uninstall", RELEASE, "--wait", "--timeout", "120s");

    assertThat(removed.exitCode()).as(removed.err()).isZero();
    foreign.assertUntouched(before);
    assertThat(foreign.pods()).hasSize(2);
    assertThat(cluster.client.secrets().inNamespace(cluster.namespace).list().getItems())
        .extracting(Secret::getMetadata)
        .extracting(metadata -> metadata.getName())
        .contains(SECRET, "foreign-db", "foreign-kafka");
    assertThat(foreign.claims()).as("volumes").hasSize(1);
  }
}
