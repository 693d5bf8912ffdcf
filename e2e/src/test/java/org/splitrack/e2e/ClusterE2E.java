package org.splitrack.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;
import tools.jackson.databind.JsonNode;

/** A rack that Helm installs on a real cluster, and what kills of its pods do to a program. */
@EnabledIfEnvironmentVariable(
    named = "SPLITRACK_TEST_CLUSTER",
    matches = ".+",
    disabledReason = "SPLITRACK_TEST_CLUSTER names no kube context")
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
@LongTest
class ClusterE2E {
  private static final String RELEASE = "rack";
  private static final Duration SOON = Duration.ofSeconds(90);

  private static final String[] PROGRAM = {
    Rack.example("kmeans"), "--points", "1M", "--iterations", "6", "--clusters", "64"
  };

  private static TestCluster cluster;
  private static Rack rack;
  private static String plain = "";

  @BeforeAll
  static void install() {
    cluster = TestCluster.connect();
    cluster.loadImages();
    Rack.Outcome installed =
        cluster.helm(
            "install", RELEASE, Rack.file("helm/splitrack"), "--wait", "--timeout", "180s");
    assertThat(installed.exitCode()).as(installed.err()).isZero();
    assertThat(installed.out()).contains("./rack --kube " + cluster.namespace + "/" + RELEASE);
    rack = Rack.onCluster(cluster.namespace, RELEASE);
  }

  @AfterAll
  static void remove() {
    cluster.close();
  }

  @Test
  @Order(1)
  void shouldShowAllComponentsAsUp() {
    JsonNode states = rack.sql("SELECT component, state FROM api.components");

    assertThat(states)
        .extracting(row -> row.path("component").asString() + " " + row.path("state").asString())
        .containsExactlyInAnyOrder(
            "pcomponent-0 up",
            "pcomponent-1 up",
            "mcomponent-0 up",
            "mcomponent-1 up",
            "mcomponent-2 up",
            "scomponent-0 up",
            "scomponent-1 up",
            "global-manager-0 up",
            "table-service-0 up",
            "postgres-0 up",
            "kafka-0 up");
  }

  @Test
  @Order(2)
  void shouldStartEveryServiceFromItsStartUpCache() {
    for (Pod pod :
        podsOf("pcomponent", "mcomponent", "scomponent", "global-manager", "table-service")) {
      String log =
          cluster.client.pods().inNamespace(cluster.namespace).withName(nameOf(pod)).getLog();
      assertThat(log).as(nameOf(pod)).contains("start-up cache: /app/start.aot is in use");
    }
  }

  @Test
  @Order(3)
  void shouldPassItsOwnTest() {
    Rack.Outcome tested = cluster.helm("test", RELEASE, "--logs");

    assertThat(tested.exitCode()).as(tested.err()).isZero();
    assertThat(tested.out()).contains("its result is right");
  }

  @Test
  @Order(4)
  void shouldRunProgramsWithAQuarterOfTheirMemoryCachedAsOnOneMachine() {
    for (String program : List.of("matrix_multiply", "histogram", "linear_regression")) {
      Rack.Outcome run = rack.command("run", "--cache", "25%", Rack.example(program));

      assertThat(run.exitCode()).as(run.err()).isZero();
      assertThat(run.out()).contains(Rack.expected(program));
    }
    assertThat(rack.sql("SELECT process FROM api.processes WHERE misses > 0 AND state = 'exited'"))
        .as("programs that had to fetch")
        .hasSizeGreaterThanOrEqualTo(3);
  }

  @Test
  @Order(5)
  void shouldPassStandardStreamsAndFiles() {
    assertThat(
            rack.commandWithInput(
                    "hello\n".getBytes(StandardCharsets.UTF_8), "run", Rack.example("upper"))
                .out())
        .isEqualTo("HELLO\n");

    assertThat(rack.command("put", Rack.file("README.md"), "/readme.md").exitCode()).isZero();
    Rack.Outcome counted = rack.command("run", Rack.example("wc"), "/readme.md");
    assertThat(counted.exitCode()).as(counted.err()).isZero();
    assertThat(rack.command("get", "/readme.md", "-").out().length())
        .isEqualTo((int) Rack.checkout().resolve("README.md").toFile().length());
  }

  @Test
  @Order(6)
  void shouldGoOnWhenThePodThatHoldsMostOfAProgramsMemoryIsDeletedByForce() {
    // given
    String expected = undisturbed();
    RunningProgram program = RunningProgram.start(rack, "safe", PROGRAM);
    succeed("protected", "--wait");
    String victim = program.mostlyLies().home();
    assertThat(program.homesAt(victim)).isPositive();
    String uid = podOf(victim).getMetadata().getUid();

    // when
    program.assertRuns("before the pod is deleted");
    deleteByForce(victim);
    program.assertRuns("after that");

    // then
    succeed("protected", "--wait");
    assertThat(program.homesAt(victim)).isZero();
    Rack.Outcome end = program.end();
    assertThat(end.exitCode()).as(end.err()).isZero();
    assertThat(end.out()).isEqualTo(expected);
    assertThat(podOf(victim).getMetadata().getUid()).isNotEqualTo(uid);
    assertThat(
            rack.sql(
                "SELECT failover FROM api.failovers WHERE component = '%s' AND regions > 0"
                    .formatted(victim)))
        .isNotEmpty();
    awaitAllUp();
  }

  /** What shows that the deletion of a pod is one: without a second copy the memory is gone. */
  @Test
  @Order(7)
  void shouldLoseAProgramWithOneCopyWhenItsPodIsDeletedByForce() {
    RunningProgram program = RunningProgram.start(rack, "none", PROGRAM);
    String victim = program.mostlyLies().home();

    deleteByForce(victim);

    Rack.Outcome end = program.end();
    assertThat(end.exitCode()).isNotZero();
    assertThat(end.lastErrorLine()).contains("lost");
    awaitAllUp();
  }

  @Test
  @Order(8)
  void shouldGoOnWhenTheHomeOfItsMemoryIsKilledInItsPod() {
    String expected = undisturbed();
    RunningProgram program = RunningProgram.start(rack, "safe", PROGRAM);
    succeed("protected", "--wait");
    String victim = program.mostlyLies().home();
    int restarts = restartsOf(victim);
    String boot = bootOf(victim);

    succeed("kill", victim);
    program.assertRuns("after the kill");

    Rack.Outcome end = program.end();
    assertThat(end.exitCode()).as(end.err()).isZero();
    assertThat(end.out()).isEqualTo(expected);
    await()
        .atMost(SOON)
        .untilAsserted(() -> assertThat(restartsOf(victim)).isEqualTo(restarts + 1));
    awaitAllUp();
    assertThat(bootOf(victim)).isNotEqualTo(boot);
  }

  @Test
  @Order(9)
  void shouldFailOverWhenAComponentFallsSilentOrIsCutOff() {
    for (Map.Entry<String, String> fault :
        List.of(Map.entry("pause", "resume"), Map.entry("cut", "heal"))) {
      String expected = undisturbed();
      RunningProgram program = RunningProgram.start(rack, "safe", PROGRAM);
      succeed("protected", "--wait");
      String victim = program.mostlyLies().home();

      succeed(fault.getKey(), victim);
      try {
        await()
            .atMost(SOON)
            .untilAsserted(() -> assertThat(program.homesAt(victim)).as(fault.getKey()).isZero());
      } finally {
        succeed(fault.getValue(), victim);
      }

      Rack.Outcome end = program.end();
      assertThat(end.exitCode()).as(fault.getKey() + ": " + end.err()).isZero();
      assertThat(end.out()).isEqualTo(expected);
      awaitAllUp();
    }
  }

  @Test
  @Order(10)
  void shouldLetOnlyItsOwnPodsThroughToItsPorts() {
    List<String> targets =
        List.of(
            podOf("mcomponent-0").getStatus().getPodIP() + " 7000",
            podOf("pcomponent-0").getStatus().getPodIP() + " 7000",
            podOf("postgres-0").getStatus().getPodIP() + " 5432",
            podOf("kafka-0").getStatus().getPodIP() + " 9092",
            RELEASE + "-global-manager 8080",
            RELEASE + "-global-manager 7000");
    StringBuilder script = new StringBuilder();
    for (String target : targets) {
      script.append(
          "timeout 3 nc -w 2 %s </dev/null 2>/dev/null && echo reached %s;"
              .formatted(target, target));
    }

    // A stranger reaches none; the pod that tests the rack reaches what it needs.
    assertThat(outputOf("stranger", Map.of(), script + "echo done")).isEqualTo("done\n");
    assertThat(
            outputOf(
                "tester",
                Map.of(
                    "app.kubernetes.io/name", "splitrack",
                    "app.kubernetes.io/instance", RELEASE,
                    "app.kubernetes.io/component", "test"),
                script + "echo done"))
        .contains("reached " + RELEASE + "-global-manager 8080")
        .doesNotContain("5432")
        .doesNotContain("9092");
  }

  @Test
  @Order(11)
  void shouldKeepFilesTablesAndCountsAcrossAnUpgrade() {
    cluster
        .client
        .apps()
        .statefulSets()
        .inNamespace(cluster.namespace)
        .withName(RELEASE + "-pcomponent")
        .scale(1);

    Rack.Outcome upgraded =
        cluster.helm(
            "upgrade",
            RELEASE,
            Rack.file("helm/splitrack"),
            "--set",
            "commonLabels.upgraded=yes",
            "--wait",
            "--timeout",
            "180s");

    assertThat(upgraded.exitCode()).as(upgraded.err()).isZero();
    assertThat(podsOf("pcomponent")).as("the count that somebody else has set").hasSize(1);
    await()
        .atMost(SOON)
        .untilAsserted(() -> assertThat(rack.command("ls", "/").out()).contains("/readme.md"));
    assertThat(rack.sql("SELECT process FROM api.processes WHERE name = 'helm-test'")).hasSize(1);
  }

  @Test
  @Order(12)
  void shouldGoWithoutAWordAndLeaveItsSecretAndVolumes() {
    Rack.Outcome removed = cluster.helm("uninstall", RELEASE, "--wait", "--timeout", "120s");

    assertThat(removed.exitCode()).as(removed.err()).isZero();
    assertThat(
            cluster
                .client
                .secrets()
                .inNamespace(cluster.namespace)
                .withName(RELEASE + "-rack")
                .get())
        .isNotNull();
    assertThat(
            cluster
                .client
                .persistentVolumeClaims()
                .inNamespace(cluster.namespace)
                .list()
                .getItems())
        .isNotEmpty();
    Rack.Outcome nothing = rack.command("ps");
    assertThat(nothing.exitCode()).isEqualTo(4);
    assertThat(nothing.lastErrorLine()).contains("no release " + RELEASE);
  }

  /** What the program prints when nothing happens to it; run once. */
  private static String undisturbed() {
    if (plain.isEmpty()) {
      String[] words = new String[PROGRAM.length + 1];
      words[0] = "run";
      System.arraycopy(PROGRAM, 0, words, 1, PROGRAM.length);
      Rack.Outcome outcome = rack.command(words);
      assertThat(outcome.exitCode()).as(outcome.err()).isZero();
      assertThat(outcome.out()).isNotBlank();
      plain = outcome.out();
    }
    return plain;
  }

  private static void succeed(String... words) {
    Rack.Outcome outcome = rack.command(words);
    assertThat(outcome.exitCode()).as(List.of(words) + ": " + outcome.err()).isZero();
  }

  private static void deleteByForce(String component) {
    cluster
        .client
        .pods()
        .inNamespace(cluster.namespace)
        .withName(RELEASE + "-" + component)
        .withGracePeriod(0)
        .delete();
  }

  private static void awaitAllUp() {
    await()
        .atMost(SOON)
        .untilAsserted(
            () ->
                assertThat(
                        rack.sql("SELECT component, state FROM api.components WHERE state <> 'up'"))
                    .isEmpty());
  }

  private static String bootOf(String component) {
    return rack.sql("SELECT boot_id FROM api.components WHERE component = '" + component + "'")
        .path(0)
        .path("boot_id")
        .asString();
  }

  private static int restartsOf(String component) {
    return podOf(component).getStatus().getContainerStatuses().stream()
        .mapToInt(ContainerStatus::getRestartCount)
        .sum();
  }

  private static Pod podOf(String component) {
    return cluster.pod(RELEASE + "-" + component);
  }

  private static String nameOf(Pod pod) {
    return pod.getMetadata().getName();
  }

  private static List<Pod> podsOf(String... roles) {
    return cluster
        .client
        .pods()
        .inNamespace(cluster.namespace)
        .withLabelIn("app.kubernetes.io/component", roles)
        .list()
        .getItems()
        .stream()
        .filter(pod -> pod.getMetadata().getDeletionTimestamp() == null)
        .toList();
  }

  /** What a script prints in a pod with these labels. */
  private static String outputOf(String name, Map<String, String> labels, String script) {
    var pods = cluster.client.pods().inNamespace(cluster.namespace);
    pods.resource(
            new PodBuilder()
                .withNewMetadata()
                .withName(name)
                .withLabels(labels)
                .endMetadata()
                .withNewSpec()
                .withRestartPolicy("Never")
                .withAutomountServiceAccountToken(false)
                .withNewSecurityContext()
                .withRunAsNonRoot(true)
                .withRunAsUser(10001L)
                .withNewSeccompProfile()
                .withType("RuntimeDefault")
                .endSeccompProfile()
                .endSecurityContext()
                .addNewContainer()
                .withName(name)
                .withImage("busybox:1.37")
                .withImagePullPolicy("IfNotPresent")
                .withCommand("sh", "-c", script)
                .withNewSecurityContext()
                .withAllowPrivilegeEscalation(false)
                .withNewCapabilities()
                .withDrop("ALL")
                .endCapabilities()
                .endSecurityContext()
                .endContainer()
                .endSpec()
                .build())
        .create();
    await()
        .atMost(SOON)
        .until(() -> "Succeeded".equals(pods.withName(name).require().getStatus().getPhase()));
    String said = pods.withName(name).getLog();
    pods.withName(name).delete();
    return said;
  }
}
