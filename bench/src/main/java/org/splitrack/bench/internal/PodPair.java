package org.splitrack.bench.internal;

import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.splitrack.fabric.ComponentId;
import org.splitrack.fabric.Role;

/** Two components whose pods are on different nodes. */
record PodPair(ComponentId processor, ComponentId memory) {
  /**
   * The first in order of their names.
   *
   * @param nodes where each component runs
   */
  static Optional<PodPair> onTwoNodes(Map<ComponentId, String> nodes) {
    return nodes.keySet().stream()
        .filter(id -> id.role() == Role.PCOMPONENT)
        .sorted()
        .flatMap(
            processor ->
                nodes.keySet().stream()
                    .filter(id -> id.role() == Role.MCOMPONENT)
                    .filter(memory -> !Objects.equals(nodes.get(memory), nodes.get(processor)))
                    .sorted()
                    .map(memory -> new PodPair(processor, memory)))
        .findFirst();
  }
}
