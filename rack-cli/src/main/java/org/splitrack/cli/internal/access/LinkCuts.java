package org.splitrack.cli.internal.access;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.splitrack.cli.internal.RackFailure;
import org.splitrack.fabric.ComponentId;
import org.splitrack.fabric.Endpoint;
import org.splitrack.fabric.Role;
import org.splitrack.fabric.control.ComponentCalls.ChangeCuts;
import org.splitrack.fabric.control.ControlClient;
import org.splitrack.fabric.control.ControlFault;
import org.splitrack.fabric.transport.Dialer;

/**
 * Cuts and heals the network between components of a rack. Both ends of a pair hold back what they
 * would send to the other, so nothing passes either way and nobody is told: calls run into their
 * limits. When healed, what was held back arrives late.
 */
public final class LinkCuts {
  private static final Duration PATIENCE = Duration.ofSeconds(3);

  private final Dialer dialer;
  private final Collection<ComponentId> services;
  private final Function<ComponentId, @Nullable Endpoint> running;

  /**
   * @param services all that speak with one another, running or not
   * @param running where to dial for one of them; null when it does not run
   */
  public LinkCuts(
      Dialer dialer,
      Collection<ComponentId> services,
      Function<ComponentId, @Nullable Endpoint> running) {
    this.dialer = dialer;
    this.services = List.copyOf(services);
    this.running = running;
  }

  /**
   * Cuts one from another.
   *
   * @param from null: from everybody
   */
  public void cut(ComponentId one, @Nullable ComponentId from) {
    Map<ComponentId, List<ComponentId>> pairs = pairs(one, from);
    List<ComponentId> done = new ArrayList<>();
    try (ControlClient client = client()) {
      for (var end : pairs.entrySet()) {
        try {
          change(client, end.getKey(), end.getValue(), List.of());
          done.add(end.getKey());
        } catch (RackFailure half) {
          // Half a cut is another fault than the one that was asked for.
          for (ComponentId told : done) {
            change(client, told, List.of(), pairs.getOrDefault(told, List.of()));
          }
          throw half;
        }
      }
    }
  }

  /**
   * Lets flow again what {@link #cut} stopped; harmless when nothing is cut.
   *
   * @param from null: from everybody
   */
  public void heal(ComponentId one, @Nullable ComponentId from) {
    try (ControlClient client = client()) {
      pairs(one, from).forEach((end, others) -> change(client, end, List.of(), others));
    }
  }

  /**
   * Holds back all that one sends, and only that: what it hears and does is left alone.
   *
   * @param silent or lets flow again
   */
  public void silence(ComponentId one, boolean silent) {
    check(one);
    List<ComponentId> others = services.stream().filter(other -> !other.equals(one)).toList();
    try (ControlClient client = client()) {
      change(client, one, silent ? others : List.of(), silent ? List.of() : others);
    }
  }

  /** Who has to hold back what it sends to whom. Those that do not run have nothing to hold. */
  private Map<ComponentId, List<ComponentId>> pairs(ComponentId one, @Nullable ComponentId from) {
    check(one);
    if (from != null) {
      check(from);
      if (from.equals(one)) {
        throw RackFailure.usage(one + " cannot be cut from itself");
      }
    }
    List<ComponentId> others =
        from != null
            ? List.of(from)
            : services.stream().filter(other -> !other.equals(one)).toList();
    Map<ComponentId, List<ComponentId>> pairs = new LinkedHashMap<>();
    if (isRunning(one)) {
      pairs.put(one, others);
    }
    others.stream().filter(this::isRunning).forEach(other -> pairs.put(other, List.of(one)));
    return pairs;
  }

  private void check(ComponentId id) {
    if (id.role() == Role.POSTGRES || id.role() == Role.KAFKA) {
      throw RackFailure.usage(
          "%s has no links of the rack's own that could be cut: ./rack pause %s makes it silent"
              .formatted(id, id));
    }
    if (!services.contains(id)) {
      throw RackFailure.failed(
          "there is no %s in this rack: ./rack components lists them".formatted(id));
    }
  }

  private boolean isRunning(ComponentId id) {
    return running.apply(id) != null;
  }

  private void change(
      ControlClient client, ComponentId at, List<ComponentId> cut, List<ComponentId> heal) {
    Endpoint endpoint = running.apply(at);
    if (endpoint == null) {
      throw RackFailure.failed(at + " has just ended");
    }
    try {
      client.call(endpoint, new ChangeCuts(cut, heal), PATIENCE);
    } catch (ControlFault e) {
      throw RackFailure.failed(
          e.code() == ControlFault.Code.UNREACHABLE
              ? "%s does not answer: is it paused? ./rack resume %s wakes it".formatted(at, at)
              : RackFailure.reason(e));
    }
  }

  private ControlClient client() {
    return new ControlClient(dialer);
  }
}
