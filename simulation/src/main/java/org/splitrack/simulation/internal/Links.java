package org.splitrack.simulation.internal;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.splitrack.fabric.BootId;

/**
 * What a memory component has under way to others: each link takes so many pages and no more, as a
 * connection whose other end does not read. What gets no answer is taken for lost after a while.
 */
final class Links {
  /** There is no room. */
  static final long NONE = -1;

  private static final int WIDE = 1_000;
  private static final int LOST_TICKS = 20;

  private final MemoryNode node;
  private final int capacity;
  private final TreeMap<Long, Link> links = new TreeMap<>();
  private long lastToken;
  private int tick;

  private static final class Link {
    final TreeMap<Long, Integer> sentTicks = new TreeMap<>();
    boolean missed;
  }

  Links(MemoryNode node) {
    this.node = node;
    this.capacity = node.world.chance(300) ? (int) node.world.between(1, 8) : WIDE;
  }

  /** Takes a page's place on the link; its token, or NONE. */
  long room(BootId member) {
    Link link = links.computeIfAbsent(member.value(), key -> new Link());
    if (link.sentTicks.size() >= capacity) {
      link.missed = true;
      return NONE;
    }
    link.sentTicks.put(++lastToken, tick);
    return lastToken;
  }

  void answered(BootId member, long token) {
    Link link = links.get(member.value());
    if (link != null && link.sentTicks.remove(token) != null) {
      tellRoom(member, link);
    }
  }

  private void tellRoom(BootId member, Link link) {
    if (link.missed && link.sentTicks.size() < capacity) {
      link.missed = false;
      node.ready(member);
    }
  }

  void tick() {
    tick++;
    for (Map.Entry<Long, Link> each : List.copyOf(links.entrySet())) {
      each.getValue().sentTicks.values().removeIf(sent -> tick - sent >= LOST_TICKS);
      tellRoom(new BootId(each.getKey()), each.getValue());
    }
  }

  void clear() {
    links.clear();
  }
}
