package org.splitrack.manager.internal.file;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.splitrack.fabric.ComponentId;
import org.splitrack.fabric.control.FileCalls;
import org.splitrack.manager.internal.file.StorageNodes.StorageNode;

/**
 * Spreads extents over sComponents: the one with most room first, where extents given since it last
 * said how much room it has count as full. Safe from any thread.
 */
final class ExtentPlacement {
  private final Map<ComponentId, Promised> promised = new HashMap<>();

  /** All of {@code nodes}, best first. */
  synchronized List<StorageNode> candidates(List<StorageNode> nodes) {
    promised.keySet().retainAll(nodes.stream().map(StorageNode::component).toList());
    List<StorageNode> best = new ArrayList<>(nodes);
    best.sort(
        Comparator.comparingLong((StorageNode node) -> -room(node))
            .thenComparing(StorageNode::component));
    return best;
  }

  /** Counts extents as given to a node. */
  synchronized void given(StorageNode node, int extents) {
    Promised before = current(node);
    promised.put(
        node.component(),
        new Promised(node.freeBytes(), before.bytes() + (long) extents * FileCalls.EXTENT_BYTES));
  }

  private long room(StorageNode node) {
    return node.freeBytes() - current(node).bytes();
  }

  private Promised current(StorageNode node) {
    Promised known = promised.get(node.component());
    return known != null && known.atFreeBytes() == node.freeBytes()
        ? known
        : new Promised(node.freeBytes(), 0);
  }

  private record Promised(long atFreeBytes, long bytes) {}
}
