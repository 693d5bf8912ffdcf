package org.splitrack.manager.internal.pod;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.LongSupplier;
import org.splitrack.fabric.ComponentId;

/**
 * Which components wait for something without which they do no work, such as a database. Of one
 * that waits for longer than a start takes it is said, and said again from time to time. Safe from
 * any thread.
 */
public final class Waits {
  /** PostgreSQL and Kafka of a new rack take less. */
  static final Duration LONG = Duration.ofSeconds(15);

  /** The reasons of one outage may differ from try to try. */
  static final Duration SAID_AGAIN = Duration.ofSeconds(60);

  /** Kubernetes forgets an event after an hour. */
  static final Duration REMINDED = Duration.ofMinutes(30);

  private final LongSupplier clockNs;
  private final Map<ComponentId, Wait> waits = new HashMap<>();
  private BiConsumer<ComponentId, String> listener = (component, sentence) -> {};

  public Waits(LongSupplier clockNs) {
    this.clockNs = clockNs;
  }

  private static final class Wait {
    final long sinceNs;
    String said = "";
    long saidNs;

    Wait(long sinceNs) {
      this.sinceNs = sinceNs;
    }
  }

  /** Who is told of a component that waits for long: it, and one sentence. */
  public synchronized void onLong(BiConsumer<ComponentId, String> told) {
    listener = told;
  }

  /**
   * How a component is now.
   *
   * @param waitsFor what, and why it is not there, one clause; empty when it has all
   */
  public synchronized void on(ComponentId component, String waitsFor) {
    if (waitsFor.isEmpty()) {
      waits.remove(component);
      return;
    }
    long nowNs = clockNs.getAsLong();
    Wait wait = waits.computeIfAbsent(component, key -> new Wait(nowNs));
    if (nowNs - wait.sinceNs < LONG.toNanos()) {
      return;
    }
    Duration quiet = waitsFor.equals(wait.said) ? REMINDED : SAID_AGAIN;
    if (wait.said.isEmpty() || nowNs - wait.saidNs >= quiet.toNanos()) {
      wait.said = waitsFor;
      wait.saidNs = nowNs;
      listener.accept(component, component + " waits for " + waitsFor);
    }
  }
}
