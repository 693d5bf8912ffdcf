package org.splitrack.simulation.internal;

import java.util.ArrayList;
import java.util.List;
import java.util.PriorityQueue;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Virtual time and chance. Everything that happens in a seed's run follows from its number: one
 * queue of events, one source of chance, nothing else. A hash over all that happens tells whether
 * two runs were the same.
 */
final class World {
  final SplittableRandom chance;
  final Plant plant;
  final Coverage coverage;
  final List<Node> nodes = new ArrayList<>();
  private final PriorityQueue<Event> queue = new PriorityQueue<>();
  private final @Nullable Consumer<String> reader;
  private long nowUs;
  private long order;
  private long events;
  private long hash = 0xcbf29ce484222325L;

  World(long seed, Plant plant, Coverage coverage, @Nullable Consumer<String> reader) {
    this.chance = new SplittableRandom(seed);
    this.plant = plant;
    this.coverage = coverage;
    this.reader = reader;
  }

  private record Event(long atUs, long order, @Nullable Node node, Runnable action)
      implements Comparable<Event> {
    @Override
    public int compareTo(Event other) {
      int byTime = Long.compare(atUs, other.atUs);
      return byTime != 0 ? byTime : Long.compare(order, other.order);
    }
  }

  int enlist(Node node) {
    nodes.add(node);
    return nodes.size() - 1;
  }

  long nowUs() {
    return nowUs;
  }

  long events() {
    return events;
  }

  long hash() {
    return hash;
  }

  boolean plants(Plant bug) {
    return plant == bug;
  }

  /** True with that chance in a thousand. */
  boolean chance(int perMille) {
    return chance.nextInt(1000) < perMille;
  }

  long between(long fromInclusive, long toExclusive) {
    return chance.nextLong(fromInclusive, toExclusive);
  }

  <T> T pick(List<T> from) {
    return from.get(chance.nextInt(from.size()));
  }

  /** Something that happens to a node, or to none: then whatever befalls the nodes. */
  void after(@Nullable Node node, long delayUs, Runnable action) {
    queue.add(new Event(nowUs + delayUs, order++, node, action));
  }

  /** Lets the next event happen; false when there is none before {@code untilUs}. */
  boolean step(long untilUs) {
    Event next = queue.peek();
    if (next == null || next.atUs > untilUs) {
      return false;
    }
    queue.remove();
    nowUs = next.atUs;
    events++;
    if (next.node == null) {
      next.action.run();
    } else {
      next.node.run(next.action);
    }
    return true;
  }

  /** Goes into the hash, and to whoever reads along. */
  void trace(String what, long a, long b, long c) {
    mix(what.hashCode());
    mix(nowUs);
    mix(a);
    mix(b);
    mix(c);
    if (reader != null) {
      reader.accept(String.format("%9.3f ms %s %d %d %d", nowUs / 1e3, what, a, b, c));
    }
  }

  /** For whoever reads along only. */
  void note(String line) {
    if (reader != null) {
      reader.accept(String.format("%9.3f ms %s", nowUs / 1e3, line));
    }
  }

  private void mix(long value) {
    hash = (hash ^ value) * 0x100000001b3L;
    hash ^= hash >>> 29;
  }
}
