package org.splitrack.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.splitrack.e2e.ClusterRack.SOON;
import static org.splitrack.e2e.ClusterRack.assertIntact;

import io.fabric8.kubernetes.api.model.Pod;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Nodes of a cluster that are switched off, cut off, frozen or drained under programs. One node has
 * the bundled PostgreSQL and Kafka, another one is what faults hit, and neither of them looks names
 * up for the cluster.
 */
@ClusterTest
@LongTest
@EnabledIfEnvironmentVariable(
    named = "SPLITRACK_NODE_FAULTS",
    matches = ".+",
    disabledReason = "SPLITRACK_NODE_FAULTS names no command")
class ClusterNodesE2E {
  private static final String MANAGER = "global-manager";
  private static final long LIMIT_S = 120;

  /** Longer than anything takes that does not wait. */
  private static final Duration HELD_BACK = Duration.ofSeconds(8);

  private static TestCluster cluster;
  private static ClusterRack pods;
  private static Rack rack;
  private static String ofPostgres;
  private static String faulty;
  private static String third;

  @BeforeAll
  static void install() {
    cluster = TestCluster.connect();
    List<String> nodes = cluster.nodes();
    assertThat(nodes).as("nodes").hasSizeGreaterThanOrEqualTo(3);
    List<String> nameless =
        nodes.stream().filter(node -> !cluster.nodesOfNames().contains(node)).toList();
    ofPostgres = nameless.getFirst();
    faulty = nameless.get(1);
    third =
        nodes.stream()
            .filter(node -> !node.equals(ofPostgres) && !node.equals(faulty))
            .findFirst()
            .orElseThrow();
    String host = ".bundled.nodeSelector.kubernetes\\.io/hostname=" + ofPostgres;
    pods =
        ClusterRack.install(cluster, "rack", "--set", "postgresql" + host, "--set", "kafka" + host);
    rack = pods.rack;
  }

  @AfterAll
  static void remove() {
    rack.close();
    cluster.close();
  }

  /** A drained node keeps none of the mComponents when it may have pods again. */
  @BeforeEach
  void bringAnMComponentToTheFaultyNode() {
    pods.spreadMemory(faulty);
  }

  @ParameterizedTest
  @CsvSource({"cut, heal", "freeze, thaw", "kill, boot"})
  void shouldKeepAProgramWhenAnotherNodeIsOutOfReach(String fault, String remedy) {
    pods.moveTo(MANAGER, third);
    try (HeldProgram program = pods.holdAwayFrom(faulty);
        BusyProgram busy = pods.workAwayFrom(faulty)) {
      String holder = pods.memoryOf(faulty);
      pods.makeHome(holder, program.process());
      pods.makeHome(holder, busy.process());
      int before = failoversOf(holder);

      busy.assertRuns("before the fault");
      TestCluster.nodeFault(fault, faulty);
      try {
        for (String process : List.of(program.process(), busy.process())) {
          await().atMost(SOON).until(() -> !pods.homesOf(process).contains(holder));
        }
        busy.assertRuns("without that node");
        assertThat(failoversOf(holder)).as("the fault hit").isGreaterThan(before);
      } finally {
        TestCluster.nodeFault(remedy, faulty);
      }

      await().atMost(SOON).until(() -> cluster.isReady(faulty));
      pods.awaitAllUp();
      assertIntact(program);
      busy.assertRight();
    }
  }

  /**
   * The manager starts elsewhere, and sees to what was lost with its node only then; with one copy
   * it is lost.
   */
  @Test
  void shouldKeepAProgramWhenTheManagersNodeIsSwitchedOff() {
    pods.moveTo(MANAGER, faulty);
    try (HeldProgram computing = pods.holdAwayFrom(faulty, "--ack", "none");
        HeldProgram unprotected = pods.holdAwayFrom(faulty, "--ack", "none");
        HeldProgram program = pods.holdAwayFrom(faulty)) {
      String holder = pods.memoryOf(faulty);
      pods.makeHome(holder, program.process());
      pods.makeHome(holder, unprotected.process());
      leave(holder, computing);
      Pod manager = pods.onlyPodOf(MANAGER);

      TestCluster.nodeFault("kill", faulty);
      try {
        assertIntact(computing);
        assertThat(uid(cluster.pod(manager.getMetadata().getName())))
            .as("the dead manager is still the only one")
            .isEqualTo(uid(manager));
        await()
            .atMost(SOON)
            .until(
                () ->
                    pods.podsOf(MANAGER).stream().noneMatch(pod -> uid(pod).equals(uid(manager))));
        rack.succeed("ps");
        rack.succeed("run", Rack.example("histogram"));
        await().atMost(SOON).until(() -> !pods.homesOf(program.process()).contains(holder));
      } finally {
        TestCluster.nodeFault("boot", faulty);
      }
      Rack.Outcome end = unprotected.finish();
      assertThat(end.exitCode()).as("with one copy: " + end.out()).isNotZero();
      assertThat(end.lastErrorLine()).contains("lost");

      await().atMost(SOON).until(() -> cluster.isReady(faulty));
      pods.awaitAllUp();
      assertThat(pods.nodeOfOnly(MANAGER)).isNotEqualTo(faulty);
      assertIntact(program);
    }
  }

  /** What has its memory elsewhere goes on; what lay there waits for the decision. */
  @Test
  void shouldGoOnWithoutTheNodeOfPostgresAndDecideWhenItIsBack() throws Exception {
    pods.moveTo(MANAGER, third);
    try (HeldProgram computing = pods.holdAwayFrom(ofPostgres, "--ack", "none");
        HeldProgram waiting = pods.holdAwayFrom(ofPostgres)) {
      String holder = pods.memoryOf(ofPostgres);
      leave(holder, computing);
      pods.makeHome(holder, waiting.process());

      TestCluster.nodeFault("kill", ofPostgres);
      CompletableFuture<Rack.Outcome> end;
      try {
        assertIntact(computing);
        Rack.Outcome run = rack.command("run", Rack.example("histogram"));
        assertThat(run.exitCode()).as(run.err()).isEqualTo(125);
        assertThat(run.lastErrorLine()).contains("PostgreSQL does not answer");
        end = CompletableFuture.supplyAsync(waiting::finish);
        await().during(HELD_BACK).atMost(HELD_BACK.multipliedBy(2)).until(() -> !end.isDone());
      } finally {
        TestCluster.nodeFault("boot", ofPostgres);
      }

      Rack.Outcome ended = end.get(LIMIT_S, TimeUnit.SECONDS);
      assertThat(ended.exitCode()).as(ended.err()).isZero();
      assertThat(ended.out()).contains("intact");
      await().atMost(SOON).until(() -> cluster.isReady(ofPostgres));
      pods.awaitAllUp();
    }
  }

  @Test
  void shouldEmptyAnMComponentWhoseNodeIsDrained() {
    pods.moveTo(MANAGER, third);
    try (HeldProgram program = pods.holdAwayFrom(faulty, "--ack", "none");
        BusyProgram busy = pods.workAwayFrom(faulty)) {
      String holder = pods.memoryOf(faulty);
      pods.makeHome(holder, program.process());
      pods.makeHome(holder, busy.process());
      Pod before = pods.podOf(holder);
      int failovers = failoversOf(holder);

      try {
        TestCluster.succeed(
            List.of(
                "kubectl",
                "drain",
                faulty,
                "--ignore-daemonsets",
                "--delete-emptydir-data",
                "--pod-selector=app.kubernetes.io/instance=" + pods.release,
                "--timeout=120s"));
        rack.succeed("sync");
        assertThat(pods.homesOf(program.process())).doesNotContain(holder);
        busy.assertRuns("when the node is drained");
        assertThat(pods.homesOf(busy.process())).doesNotContain(holder);
        assertThat(cluster.client.pods().resource(before).get())
            .satisfiesAnyOf(
                now -> assertThat(now).isNull(),
                now -> assertThat(uid(now)).isNotEqualTo(uid(before)));
      } finally {
        TestCluster.succeed(List.of("kubectl", "uncordon", faulty));
      }

      pods.awaitAllThere();
      assertThat(failoversOf(holder)).as("nothing was saved after the fact").isEqualTo(failovers);
      assertIntact(program);
      busy.assertRight();
    }
  }

  /** The same mComponent's pod deleted by force, without which the drain proves nothing. */
  @Test
  void shouldLoseTheSameProgramWhenThatMComponentIsNotEmptiedFirst() {
    try (HeldProgram program = pods.holdAwayFrom(faulty, "--ack", "none")) {
      String holder = pods.memoryOf(faulty);
      pods.makeHome(holder, program.process());

      pods.deleteByForceAndAwaitNext(holder);

      Rack.Outcome end = program.finish();
      assertThat(end.exitCode()).isNotZero();
      assertThat(end.lastErrorLine()).contains("lost");
    }
    pods.awaitAllUp();
  }

  /** Moves the regions of a program from an mComponent to others. */
  private static void leave(String component, HeldProgram program) {
    String other =
        Rack.MEMORIES.stream().filter(one -> !one.equals(component)).findFirst().orElseThrow();
    for (String region : pods.regionsAt(component, program.process())) {
      rack.succeed("migrate", region, other);
    }
    assertThat(pods.holdersOf(program.process())).doesNotContain(component);
  }

  private static String uid(Pod pod) {
    return pod.getMetadata().getUid();
  }

  private static int failoversOf(String component) {
    return rack.rows("SELECT 1 FROM api.failovers WHERE component = '%s'".formatted(component))
        .size();
  }
}
