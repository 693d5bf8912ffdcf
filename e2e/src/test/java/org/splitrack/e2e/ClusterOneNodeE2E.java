package org.splitrack.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceQuotaBuilder;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The chart with its own values on a cluster of one node that has 6 GiB. */
@ClusterTest
@LongTest
class ClusterOneNodeE2E {
  /** Without what the node's own services need. */
  private static final long MEMORY_BYTES = (6L << 30) - (512L << 20);

  @Test
  void shouldRunProgramsWhereAllPodsShareANodeOfSixGibibytes() {
    try (TestCluster cluster = TestCluster.connect()) {
      // given
      TestCluster.loadImages();
      String node = cluster.nodes().getLast();
      cluster
          .client
          .resourceQuotas()
          .inNamespace(cluster.namespace)
          .resource(
              new ResourceQuotaBuilder()
                  .withNewMetadata()
                  .withName("one-node")
                  .endMetadata()
                  .withNewSpec()
                  .addToHard("requests.memory", new Quantity(Long.toString(MEMORY_BYTES)))
                  .endSpec()
                  .build())
          .create();

      cluster.whileOthersAreCordoned(node, () -> runProgramsOn(cluster, node));
    }
  }

  private static void runProgramsOn(TestCluster cluster, String node) {
    // when
    ClusterRack pods = ClusterRack.install(cluster, "rack");
    try (Rack rack = pods.rack) {
      try (HeldProgram program = pods.hold()) {
        rack.succeed("run", "--cache", "25%", Rack.example("matrix_multiply"));

        // then
        assertThat(pods.podsOf("mcomponent", "pcomponent", "postgres", "kafka"))
            .hasSize(7)
            .allSatisfy(pod -> assertThat(pod.getSpec().getNodeName()).isEqualTo(node));
        await()
            .atMost(ClusterRack.SOON)
            .until(() -> usedBy(cluster, pods.podsOf(ClusterRack.ROLES), node) > 0);
        assertThat(usedBy(cluster, pods.podsOf(ClusterRack.ROLES), node))
            .as("bytes of memory in use")
            .isLessThan(MEMORY_BYTES);
        assertThat(
                rack.rows(
                    "SELECT DISTINCT protection FROM api.regions WHERE process = "
                        + program.process()))
            .as("two pods, but one node")
            .extracting(row -> row.path("protection").asString())
            .containsExactly("pod");
        ClusterRack.assertIntact(program);
      }
    }
  }

  /** Working sets of these pods, as the kubelet has them; 0 while it lacks one. */
  private static long usedBy(TestCluster cluster, List<Pod> pods, String node) {
    JsonNode summary =
        JsonMapper.shared()
            .readTree(cluster.client.raw("/api/v1/nodes/" + node + "/proxy/stats/summary"));
    long sum = 0;
    Map<String, JsonNode> byUid = new HashMap<>();
    summary.path("pods").forEach(pod -> byUid.put(pod.path("podRef").path("uid").asString(), pod));
    for (Pod pod : pods) {
      JsonNode stats = byUid.get(pod.getMetadata().getUid());
      long used =
          stats == null
              ? 0
              : stats.path("containers").path(0).path("memory").path("workingSetBytes").asLong(0);
      if (used == 0) {
        return 0;
      }
      sum += used;
    }
    return sum;
  }
}
