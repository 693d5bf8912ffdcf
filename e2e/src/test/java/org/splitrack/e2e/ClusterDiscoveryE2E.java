package org.splitrack.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.splitrack.e2e.ClusterRack.SOON;
import static org.splitrack.e2e.ClusterRack.assertIntact;

import io.fabric8.kubernetes.api.model.Pod;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What the manager sees of its cluster while it runs: new pods, and changed limits. */
@ClusterTest
@LongTest
class ClusterDiscoveryE2E {
  private static final String RELEASE = "rack";

  private static final Duration AT_ONCE = Duration.ofSeconds(2);

  private static TestCluster cluster;
  private static ClusterRack pods;
  private static Rack rack;

  @BeforeAll
  static void install() {
    cluster = TestCluster.connect();
    // In clear, as for measuring: the other tests have certificates.
    pods = ClusterRack.install(cluster, RELEASE, "--set", "transport=plain");
    rack = pods.rack;
  }

  @AfterAll
  static void remove() {
    rack.close();
    cluster.close();
  }

  @Test
  void shouldTakeOtherLimitsAndSeeANewPodWhileAProgramRunsAndNoPodStartsAgain() {
    try (HeldProgram program = pods.hold()) {
      // given
      Pod manager = pods.onlyPodOf("global-manager");
      String first = pods.homesOf(program.process()).getFirst();

      // when
      Rack.Outcome upgraded =
          cluster.helm(
              "upgrade",
              RELEASE,
              Rack.file("helm/splitrack"),
              "--set",
              "globalManager.limits.movesAtOnce=4");

      // then
      assertThat(upgraded.exitCode()).as(upgraded.err()).isZero();
      awaitSaid("limits_changed", "at most 4 regions move at once");

      // when
      editLimits("many");

      // then
      awaitSaid("limits_refused", "movesAtOnce is 'many'");
      awaitSaid("limits_refused", "still at most 4 regions move at once");
      Pod now = pods.onlyPodOf("global-manager");
      assertThat(now.getMetadata().getUid()).isEqualTo(manager.getMetadata().getUid());
      assertThat(now.getStatus().getContainerStatuses().getFirst().getRestartCount())
          .isEqualTo(manager.getStatus().getContainerStatuses().getFirst().getRestartCount());

      // when
      pods.scale("mcomponent", 4);

      // then
      await().atMost(SOON).until(() -> !pods.bootOf("mcomponent-3").isEmpty());
      rack.succeed("sync");
      assertThat(Duration.between(placed(pods.podOf("mcomponent-3")), seen("mcomponent-3")))
          .isLessThan(AT_ONCE);

      // when
      rack.succeed("migrate", pods.regionOf(program.process()), "mcomponent-3");
      rack.succeed("drain", first);

      // then
      assertThat(pods.holdersOf(program.process())).doesNotContain(first);
      assertIntact(program);
    }
  }

  /** Kubernetes writes whole seconds, so up to one of what shows is not the manager's. */
  private static Instant placed(Pod pod) {
    return pod.getStatus().getConditions().stream()
        .filter(condition -> condition.getType().equals("PodScheduled"))
        .map(condition -> OffsetDateTime.parse(condition.getLastTransitionTime()).toInstant())
        .findFirst()
        .orElseThrow();
  }

  private static Instant seen(String component) {
    String query =
        "SELECT at FROM api.events WHERE message LIKE '%s starts on %%'".formatted(component);
    rack.awaitRow(query);
    return OffsetDateTime.parse(rack.rows(query).path(0).path("at").asString()).toInstant();
  }

  /** As {@code kubectl edit}: helm would refuse it. */
  private static void editLimits(String movesAtOnce) {
    cluster
        .client
        .configMaps()
        .inNamespace(cluster.namespace)
        .withName(RELEASE + "-limits")
        .edit(
            map -> {
              map.getData().put("movesAtOnce", movesAtOnce);
              return map;
            });
  }

  private static void awaitSaid(String kind, String message) {
    await()
        .atMost(Duration.ofSeconds(10))
        .untilAsserted(
            () ->
                assertThat(
                        rack.rows(
                            "SELECT message FROM api.events WHERE kind = '%s'".formatted(kind)))
                    .extracting(row -> row.path("message").asString())
                    .anyMatch(said -> said.contains(message)));
  }
}
