package org.splitrack.bench.internal;

import java.util.Comparator;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.splitrack.fabric.ComponentId;
import org.splitrack.fabric.Role;

/**
 * A node whose loss a rack is to get over at once: one mComponent runs there, neither the manager
 * nor PostgreSQL does, and there is a pComponent elsewhere. Without Kafka and the table service, if
 * there is one.
 */
record SparedNode(String name, ComponentId memory) {
  /**
   * The best one.
   *
   * @param nodes where each component runs
   */
  static Optional<SparedNode> among(Map<ComponentId, String> nodes) {
    return new TreeSet<>(nodes.values())
        .stream()
            .filter(node -> count(nodes, node, Set.of(Role.MCOMPONENT)) == 1)
            .filter(node -> count(nodes, node, Set.of(Role.GLOBAL_MANAGER, Role.POSTGRES)) == 0)
            .filter(node -> hasProcessorElsewhere(nodes, node))
            .min(
                Comparator.comparingLong(
                    node -> count(nodes, node, Set.of(Role.KAFKA, Role.TABLE_SERVICE))))
            .map(node -> new SparedNode(node, memoryOn(nodes, node)));
  }

  private static boolean hasProcessorElsewhere(Map<ComponentId, String> nodes, String node) {
    return nodes.entrySet().stream()
        .anyMatch(one -> one.getKey().role() == Role.PCOMPONENT && !one.getValue().equals(node));
  }

  private static ComponentId memoryOn(Map<ComponentId, String> nodes, String node) {
    return nodes.entrySet().stream()
        .filter(one -> one.getKey().role() == Role.MCOMPONENT && one.getValue().equals(node))
        .map(Map.Entry::getKey)
        .findFirst()
        .orElseThrow();
  }

  private static long count(Map<ComponentId, String> nodes, String node, Set<Role> roles) {
    return nodes.entrySet().stream()
        .filter(one -> one.getValue().equals(node) && roles.contains(one.getKey().role()))
        .count();
  }
}
