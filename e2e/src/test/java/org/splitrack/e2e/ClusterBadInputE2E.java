package org.splitrack.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.splitrack.e2e.ClusterRack.SOON;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.LocalPortForward;
import io.fabric8.kubernetes.client.readiness.Readiness;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.splitrack.certificates.RackCertificates;
import org.splitrack.fabric.Endpoint;
import org.splitrack.fabric.embedded.RackDatabase;
import org.splitrack.fabric.transport.Deadline;
import org.splitrack.fabric.transport.Link;
import org.splitrack.fabric.transport.TcpTransport;
import org.splitrack.fabric.transport.TlsCredentials;
import org.splitrack.fabric.transport.TlsTransport;
import org.splitrack.fabric.transport.Transport;
import org.splitrack.fabric.wire.FrameHeader;

/**
 * Installations that cannot work say why, in a log and where {@code kubectl describe} or helm shows
 * it, and work when that is put right. One release goes from mistake to mistake; another one
 * meanwhile looks for servers that are not there.
 */
@ClusterTest
@LongTest
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class ClusterBadInputE2E {
  private static final String RELEASE = "bad";
  private static final String SECRET = "bad-by-hand";
  private static final String LOST = "lost";
  private static final String LOST_SECRET = "lost-by-hand";

  /** A component that is refused asks on for 20 s, and a Secret takes a minute to reach a pod. */
  private static final Duration PATIENCE = Duration.ofMinutes(4);

  private static TestCluster cluster;
  private static ForeignServers foreign;
  private static ClusterRack pods;
  private static Map<String, String> keys;
  private static Map<String, String> lostKeys;
  private static CompletableFuture<Void> lost;

  @BeforeAll
  static void begin() {
    keys = RackSecrets.generate(RELEASE);
    lostKeys = RackSecrets.generate(LOST);
    cluster = TestCluster.connect();
    TestCluster.loadImages();
    foreign = ForeignServers.start(lostKeys);
    foreign.introduce(cluster);
    pods = new ClusterRack(cluster, RELEASE);
    // Not in the common pool: the Kubernetes client answers there.
    lost =
        CompletableFuture.runAsync(
            ClusterBadInputE2E::lookForServersThatAreNotThere,
            flow -> Thread.ofPlatform().daemon().name("lost").start(flow));
  }

  @AfterAll
  static void remove() {
    pods.rack.close();
    foreign.close();
    cluster.close();
  }

  @Test
  @Order(1)
  void shouldRefuseASecretThatIsNotThereOrLacksAKeyBeforeAnythingIsMade() {
    Rack.Outcome none = helm("install", RELEASE, SECRET, Stream.empty());

    assertThat(none.exitCode()).isNotZero();
    assertThat(none.err())
        .contains(
            "existingSecret: there is no Secret %s in namespace %s"
                .formatted(SECRET, cluster.namespace));

    Map<String, String> incomplete = new HashMap<>(keys);
    incomplete.remove("tls-scomponent.key");
    incomplete.remove("operator-token");
    cluster.put(SECRET, incomplete);
    Rack.Outcome lacking = helm("install", RELEASE, SECRET, Stream.empty());

    assertThat(lacking.exitCode()).isNotZero();
    assertThat(lacking.err())
        .contains("the Secret %s lacks operator-token, tls-scomponent.key".formatted(SECRET));
    assertThat(pods.podsOf("mcomponent", "global-manager")).isEmpty();
    cluster.put(SECRET, keys);
  }

  @Test
  @Order(2)
  void shouldSayThatNoNodeHasTheMemoryAndStartWhenLessIsAskedFor() {
    Rack.Outcome tooLarge =
        helm(
            "install",
            RELEASE,
            SECRET,
            Stream.of("--set", "memory.limit=512Gi", "--wait", "--timeout", "25s"));

    assertThat(tooLarge.exitCode()).isNotZero();
    assertThat(tooLarge.err()).contains(RELEASE + "-mcomponent");
    Pod waiting = pods.podOf("mcomponent-0");
    assertThat(waiting.getStatus().getPhase()).isEqualTo("Pending");
    assertThat(cluster.describe("pod", waiting.getMetadata().getName()))
        .contains("FailedScheduling")
        .contains("Insufficient memory");

    Rack.Outcome smaller =
        helm("upgrade", RELEASE, SECRET, Stream.of("--wait", "--timeout", "240s"));

    assertThat(smaller.exitCode()).as(smaller.err() + pods.describeAll()).isZero();
    assertThat(pods.rack.command("run", Rack.example("histogram")).exitCode()).isZero();
  }

  /** Nobody but the rack's own reaches anything, and nothing of that keeps the kubelet out. */
  @Test
  @Order(3)
  void shouldLetNoPodWithoutItsLabelsReachAnyPortOfAnyRole() {
    String open = openPort();
    StringBuilder script = new StringBuilder();
    List<String> closed = new ArrayList<>();
    for (String component :
        List.of("pcomponent-0", "mcomponent-0", "scomponent-0", "postgres-0", "kafka-0")) {
      String address = pods.podOf(component).getStatus().getPodIP();
      switch (component) {
        case "postgres-0" -> closed.add(address + " 5432");
        case "kafka-0" -> closed.addAll(List.of(address + " 9092", address + " 9093"));
        default -> closed.addAll(List.of(address + " 7000", address + " 8081"));
      }
    }
    for (String role : List.of("global-manager", "table-service")) {
      String address = pods.onlyPodOf(role).getStatus().getPodIP();
      closed.addAll(List.of(address + " 7000", address + " 8081"));
    }
    closed.add(pods.onlyPodOf("global-manager").getStatus().getPodIP() + " 8080");
    closed.add(RELEASE + "-global-manager 7000");
    closed.add(RELEASE + "-global-manager 8080");
    closed.add(RELEASE + "-postgres 5432");
    closed.add(RELEASE + "-kafka 9092");
    for (String target : Stream.concat(closed.stream(), Stream.of(open)).toList()) {
      script.append(
          "timeout 3 nc -w 2 %s </dev/null >/dev/null 2>&1 && echo reached %s &\n"
              .formatted(target, target));
    }
    script.append("wait; echo done");

    assertThat(pods.outputOf("stranger", Map.of(), script.toString()).lines())
        .containsExactly("reached " + open, "done");
    assertThat(pods.outputOf("tester", pods.labels("test"), script.toString()).lines())
        .as("whom the rack's policies let through to two ports, and nowhere else")
        .containsExactlyInAnyOrder(
            "reached " + pods.onlyPodOf("global-manager").getStatus().getPodIP() + " 8080",
            "reached " + RELEASE + "-global-manager 8080",
            "reached " + pods.podOf("pcomponent-0").getStatus().getPodIP() + " 7000",
            "reached " + open,
            "done");
    assertThat(pods.podsOf("pcomponent", "mcomponent", "scomponent", "global-manager"))
        .as("the kubelet reaches their health pages")
        .hasSize(5)
        .allMatch(Readiness::isPodReady);
  }

  /** A pod that anybody may speak with: what shows that the probe can find an open port. */
  private static String openPort() {
    Pod pod =
        pods.start("open", Map.of(), "while true; do echo hello | nc -l -p 8081 >/dev/null; done");
    return pod.getStatus().getPodIP() + " 8081";
  }

  @Test
  @Order(4)
  void shouldRefuseAPeerOfAnotherVersionInOneLine() throws Exception {
    byte other = FrameHeader.PROTOCOL_VERSION + 1;
    TlsCredentials credentials =
        TlsCredentials.of(
            key(RackCertificates.AUTHORITY),
            key(RackCertificates.certificate("mcomponent")),
            key(RackCertificates.key("mcomponent")));
    Transport transport = new TlsTransport(new TcpTransport(), credentials);
    try (LocalPortForward forward =
            cluster.client.pods().resource(pods.onlyPodOf("global-manager")).portForward(7000);
        Link link =
            transport.dial(
                new Endpoint("127.0.0.1", forward.getLocalPort()), Duration.ofSeconds(5));
        Deadline deadline = Deadline.on(link, Duration.ofSeconds(10))) {
      assertThat(forward.isAlive()).isTrue();
      assertThat(deadline).isNotNull();
      assertThat(receive(link, 8 + 1 + 16).get(8)).isEqualTo(FrameHeader.PROTOCOL_VERSION);
      ByteBuffer hello = ByteBuffer.allocate(8 + 1 + 8 + 1 + 1 + 4 + 8 + 16 + 32);
      hello.put("SPLTRACK".getBytes(StandardCharsets.US_ASCII)).put(other).rewind();
      while (hello.hasRemaining()) {
        link.write(hello);
      }
      assertThat(receive(link, 1).get()).as("refused").isZero();
      int length = receive(link, 2).order(ByteOrder.LITTLE_ENDIAN).getShort();
      assertThat(StandardCharsets.UTF_8.decode(receive(link, length)).toString())
          .isEqualTo(wrongVersion(other, FrameHeader.PROTOCOL_VERSION));
    }
    await()
        .atMost(SOON)
        .untilAsserted(
            () ->
                assertThat(pods.logOf(pods.onlyPodOf("global-manager")))
                    .contains("refuses")
                    .contains(wrongVersion(other, FrameHeader.PROTOCOL_VERSION)));
  }

  private static String key(String name) {
    return Objects.requireNonNull(keys.get(name));
  }

  private static String wrongVersion(int theirs, int ours) {
    return "protocol version " + theirs + " is not " + ours;
  }

  private static ByteBuffer receive(Link link, int count) throws IOException {
    ByteBuffer bytes = ByteBuffer.allocate(count);
    while (bytes.hasRemaining()) {
      assertThat(link.read(bytes)).isPositive();
    }
    return bytes.flip();
  }

  /**
   * One component with a certificate of another authority, one of another rack, and one that finds
   * a manager of another version: each ends with the reason, and not in a hurry.
   */
  @Test
  @Order(5)
  void shouldEndWithTheReasonWhenTheManagerRefusesItAndComeUpWhenThatIsPutRight() {
    // given
    Map<String, String> wrong = new HashMap<>(keys);
    Map<String, String> foreignCertificates = RackSecrets.certificates(RELEASE);
    for (String key :
        List.of(RackCertificates.certificate("mcomponent"), RackCertificates.key("mcomponent"))) {
      wrong.put(key, foreignCertificates.get(key));
    }
    wrong.put("rack-id", "0000000000000bad");
    cluster.put(SECRET, wrong);
    Pod newer =
        pods.start(
            "newer",
            Map.of(),
            "while true; do printf 'SPLTRACK\\177................' | nc -l -p 7000 >/dev/null; done");
    startOutdated(newer.getStatus().getPodIP());

    // when
    for (String component : List.of("mcomponent-0", "scomponent-0")) {
      Pod before = pods.podOf(component);
      pods.deleteByForce(before);
      pods.awaitGone(List.of(before));
    }

    // then
    awaitLastWord(RELEASE + "-mcomponent-0", "refuses the connection: TLS: ");
    awaitLastWord(
        RELEASE + "-scomponent-0",
        "refuses the connection: rack 0000000000000bad is not this rack, " + keys.get("rack-id"));
    awaitLastWord("outdated", wrongVersion(127, FrameHeader.PROTOCOL_VERSION));
    assertThat(pods.logOf(pods.onlyPodOf("global-manager")))
        .contains("rack 0000000000000bad is not this rack")
        .contains("PKIX path");
    assertThat(pods.restartsOf("mcomponent-0")).as("pauses grow").isLessThan(6);

    // when
    cluster.put(SECRET, keys);

    // then
    for (String component : List.of("mcomponent-0", "scomponent-0")) {
      await()
          .atMost(PATIENCE)
          .untilAsserted(
              () ->
                  assertThat(pods.podOf(component))
                      .as(cluster.describe("pod", RELEASE + "-" + component))
                      .matches(Readiness::isPodReady));
    }
    pods.rack.succeed("protected", "--wait");
    assertThat(pods.rack.command("run", Rack.example("histogram")).exitCode()).isZero();
  }

  /** A pod of this version that is told of a manager of another one. */
  private static void startOutdated(String manager) {
    var own = pods.podOf("mcomponent-1").getSpec().getContainers().getFirst();
    cluster
        .client
        .pods()
        .inNamespace(cluster.namespace)
        .resource(
            ClusterRack.pod("outdated", Map.of())
                .editSpec()
                .withRestartPolicy("Always")
                .editFirstContainer()
                .withImage(own.getImage())
                .withCommand()
                .withArgs("-Xmx64m", "@/app/start")
                .withTerminationMessagePolicy("FallbackToLogsOnError")
                .addNewEnv()
                .withName("SPLITRACK_COMPONENT")
                .withValue("mcomponent-7")
                .endEnv()
                .addNewEnv()
                .withName("SPLITRACK_RACK_ID")
                .withValue(keys.get("rack-id"))
                .endEnv()
                .addNewEnv()
                .withName("SPLITRACK_SECRET_FILE")
                .withValue("/secrets/rack-secret")
                .endEnv()
                .addNewEnv()
                .withName("SPLITRACK_MANAGER")
                .withValue(manager + ":7000")
                .endEnv()
                .addNewEnv()
                .withName("SPLITRACK_DATA_DIR")
                .withValue("/tmp")
                .endEnv()
                .addNewEnv()
                .withName("SPLITRACK_MEMORY_LIMIT")
                .withValue("16777216")
                .endEnv()
                .addNewVolumeMount()
                .withName("secrets")
                .withMountPath("/secrets")
                .endVolumeMount()
                .endContainer()
                .addNewVolume()
                .withName("secrets")
                .withNewSecret()
                .withSecretName(SECRET)
                .addNewItem()
                .withKey("rack-secret")
                .withPath("rack-secret")
                .endItem()
                .endSecret()
                .endVolume()
                .endSpec()
                .build())
        .create();
  }

  /** Waits until a container of a pod has ended with this line, where describe shows it. */
  private static void awaitLastWord(String pod, String line) {
    await()
        .atMost(SOON)
        .untilAsserted(
            () ->
                assertThat(cluster.describe("pod", pod))
                    .containsPattern("(?s)Last State: +Terminated.*Message:.*gives up: .*")
                    .contains(line));
  }

  /** Joins what has been going on meanwhile. */
  @Test
  @Order(6)
  void shouldSayWhichServersItDoesNotFindAndGoOnWhenItFindsThem() throws Exception {
    lost.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
  }

  /** Neither server is there, then PostgreSQL without the password, then PostgreSQL, then both. */
  private static void lookForServersThatAreNotThere() {
    ClusterRack rack = new ClusterRack(cluster, LOST);
    Map<String, String> wrong = new HashMap<>(lostKeys);
    for (String role : List.of(RackDatabase.TABLES, RackDatabase.MANAGER)) {
      wrong.put(RackSecrets.passwordKey(role), "not-this-one");
    }
    cluster.put(LOST_SECRET, wrong);
    Stream<String> noBroker = ForeignServers.kafkaValues("nobody.invalid:9094");
    Rack.Outcome installed =
        helm(
            "install",
            LOST,
            LOST_SECRET,
            Stream.concat(ForeignServers.postgresValues("nowhere.invalid"), noBroker));
    assertThat(installed.exitCode()).as(installed.err()).isZero();
    awaitDescribed(rack, "global-manager", "global-manager-0 waits for kafka: ");
    awaitDescribed(rack, "global-manager", "nowhere.invalid");
    awaitDescribed(rack, "table-service", "table-service-0 waits for PostgreSQL: ");
    awaitLogged(rack, "table-service", "waiting for PostgreSQL: ");

    foreign.awaitReady();
    upgrade(
        Stream.concat(foreign.postgresValues(), ForeignServers.kafkaValues("nobody.invalid:9094")));
    awaitDescribed(
        rack, "global-manager", "password authentication failed for user \"rack_manager\"");
    awaitDescribed(
        rack, "table-service", "password authentication failed for user \"rack_tables\"");

    cluster.put(LOST_SECRET, lostKeys);
    awaitDescribed(rack, "table-service", "table-service-0 waits for Kafka: ");
    upgrade(foreign.values());
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () ->
                assertThat(
                        rack.podsOf(
                            "pcomponent",
                            "mcomponent",
                            "scomponent",
                            "global-manager",
                            "table-service"))
                    .as(rack.describeAll())
                    .hasSize(6)
                    .allMatch(Readiness::isPodReady)
                    .allMatch(pod -> ClusterRack.restartsOf(pod) == 0));
    Rack.Outcome run = rack.rack.command("run", Rack.example("histogram"));
    assertThat(run.exitCode()).as(run.err()).isZero();
    rack.rack.close();
  }

  private static void upgrade(Stream<String> values) {
    Rack.Outcome upgraded = helm("upgrade", LOST, LOST_SECRET, values);
    assertThat(upgraded.exitCode()).as(upgraded.err()).isZero();
  }

  private static void awaitDescribed(ClusterRack rack, String role, String sentence) {
    await()
        .atMost(PATIENCE)
        .untilAsserted(() -> assertThat(rack.describe(role)).contains(sentence));
  }

  private static void awaitLogged(ClusterRack rack, String role, String sentence) {
    await()
        .atMost(SOON)
        .untilAsserted(
            () -> assertThat(rack.logOf(rack.podsOf(role).getFirst())).contains(sentence));
  }

  private static Rack.Outcome helm(
      String verb, String release, String secret, Stream<String> more) {
    return cluster.helm(
        Stream.of(
                Stream.of(verb, release, Rack.file("helm/splitrack")),
                RackSecrets.small(),
                Stream.of("--set", "existingSecret=" + secret),
                more)
            .flatMap(words -> words)
            .toArray(String[]::new));
  }
}
