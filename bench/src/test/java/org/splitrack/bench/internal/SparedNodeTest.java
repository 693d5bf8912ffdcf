package org.splitrack.bench.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.splitrack.fabric.ComponentId;

class SparedNodeTest {
  @Test
  void shouldBeOneWithoutTheManagerAndPostgres() {
    Map<ComponentId, String> nodes =
        nodes(
            List.of("node1", "mcomponent-0", "pcomponent-0", "postgres-0"),
            List.of("node2", "mcomponent-1", "pcomponent-1", "global-manager-0"),
            List.of("node3", "mcomponent-2", "kafka-0", "table-service-0"));

    assertThat(SparedNode.among(nodes))
        .contains(new SparedNode("node3", ComponentId.parse("mcomponent-2")));
  }

  @Test
  void shouldRatherBeOneWithoutKafka() {
    Map<ComponentId, String> nodes =
        nodes(
            List.of("node1", "mcomponent-0", "kafka-0"),
            List.of("node2", "mcomponent-1", "pcomponent-1"),
            List.of("node3", "mcomponent-2", "pcomponent-0", "postgres-0", "global-manager-0"));

    assertThat(SparedNode.among(nodes).map(SparedNode::name)).contains("node2");
  }

  @Test
  void shouldNotBeTheOnlyOneWithAPComponentOrOneThatHoldsTwoCopies() {
    assertThat(
            SparedNode.among(
                nodes(
                    List.of("node1", "mcomponent-0", "postgres-0", "global-manager-0"),
                    List.of("node2", "mcomponent-1", "pcomponent-0", "pcomponent-1"),
                    List.of("node3", "mcomponent-2", "mcomponent-3"))))
        .isEmpty();
  }

  @Test
  void shouldNumberANodeByTheEndOfItsName() {
    assertThat(NodePower.number("rack7-node12")).isEqualTo("12");
  }

  @Test
  void shouldPairComponentsOfDifferentNodes() {
    Map<ComponentId, String> two =
        nodes(
            List.of("node1", "mcomponent-0", "pcomponent-0"),
            List.of("node2", "mcomponent-1", "pcomponent-1"));
    Map<ComponentId, String> one = nodes(List.of("node1", "mcomponent-0", "pcomponent-0"));

    assertThat(PodPair.onTwoNodes(two))
        .contains(
            new PodPair(ComponentId.parse("pcomponent-0"), ComponentId.parse("mcomponent-1")));
    assertThat(PodPair.onTwoNodes(one)).isEmpty();
  }

  /** A node's name and what runs there, for each. */
  @SafeVarargs
  private static Map<ComponentId, String> nodes(List<String>... nodes) {
    Map<ComponentId, String> all = new HashMap<>();
    for (List<String> node : nodes) {
      node.stream()
          .skip(1)
          .forEach(component -> all.put(ComponentId.parse(component), node.getFirst()));
    }
    return all;
  }
}
