package org.splitrack.manager.internal.memory;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.function.BiConsumer;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.splitrack.fabric.BootId;
import org.splitrack.fabric.ComponentId;
import org.splitrack.fabric.Role;
import org.splitrack.fabric.control.ComponentCalls.LeaveAnswer;
import org.splitrack.fabric.control.ComponentCalls.PrepareToLeave;
import org.splitrack.fabric.control.ControlFault;
import org.splitrack.manager.internal.authority.ConfigStore;
import org.splitrack.manager.internal.membership.Member;
import org.splitrack.manager.internal.membership.Membership;
import org.splitrack.manager.internal.report.RackReports;

/**
 * Components that have been told to stop and ask whether they may. All of them get nothing new at
 * once; mComponents are emptied one after another, so that none of them is emptied onto the next.
 * Nothing of this outlives the manager: they ask its successor. Safe from any thread.
 */
public final class Departures {
  /** Without a copy less for so long it is worth saying why. */
  private static final Duration STUCK = Duration.ofSeconds(3);

  /** The figures in what is said change all the time. */
  private static final Duration SAID_AGAIN = Duration.ofSeconds(60);

  /** Kubernetes forgets an event after an hour. */
  private static final Duration REMINDED = Duration.ofMinutes(30);

  private static final LeaveAnswer MAY_LEAVE = new LeaveAnswer(true, "");

  private static final Logger LOG = LoggerFactory.getLogger(Departures.class);

  private final ConfigStore store;
  private final Membership membership;
  private final Draining draining;
  private final RackReports reports;
  private final LongSupplier clockNs;
  private final SequencedMap<ComponentId, Waiting> memories = new LinkedHashMap<>();
  private volatile BiConsumer<ComponentId, String> listener = (component, why) -> {};

  public Departures(
      ConfigStore store,
      Membership membership,
      Draining draining,
      RackReports reports,
      LongSupplier clockNs) {
    this.store = store;
    this.membership = membership;
    this.draining = draining;
    this.reports = reports;
    this.clockNs = clockNs;
  }

  /** An mComponent that is to stop. */
  private static final class Waiting {
    final BootId boot;
    int remaining = Integer.MAX_VALUE;
    long progressNs;
    @Nullable String said;
    long saidNs;

    /** It is the first, and cannot leave without room on those that are to leave after it. */
    boolean borrows;

    Waiting(BootId boot) {
      this.boot = boot;
    }
  }

  /** Who is told, besides the tables, why a component cannot stop: it, and one sentence. */
  public void onStuck(BiConsumer<ComponentId, String> told) {
    listener = told;
  }

  /**
   * A component that has been told to stop asks whether it may.
   *
   * @throws ControlFault UNAVAILABLE when this manager does not lead
   */
  public LeaveAnswer ask(PrepareToLeave request) {
    if (!store.leads()) {
      throw new ControlFault(ControlFault.Code.UNAVAILABLE, "no manager leads");
    }
    ComponentId component = request.component();
    Optional<Member> known =
        membership
            .member(component)
            .filter(member -> member.boot().equals(request.boot()) && member.answers());
    if (known.isEmpty()) {
      return notYet("the manager has to hear of it first");
    }
    Member member = known.get();
    exclude(component);
    int remaining = draining.progress(component).remaining();
    if (!member.hasRole(Role.MCOMPONENT)) {
      return remaining == 0 ? MAY_LEAVE : notYet(remaining + " programs run on it");
    }
    return memory(member, remaining);
  }

  /**
   * It gets nothing new from now on, unless another that is to leave before it needs it; one that
   * does not answer gets nothing anyway.
   */
  public void exclude(ComponentId component) {
    if (lends(component)) {
      return;
    }
    try {
      draining.exclude(component, true, "is to stop");
    } catch (ControlFault e) {
      LOG.debug("{} is not excluded: {}", component, e.getMessage());
    }
  }

  private synchronized LeaveAnswer memory(Member member, int remaining) {
    ComponentId component = member.component();
    memories
        .entrySet()
        .removeIf(entry -> !membership.answers(entry.getKey(), entry.getValue().boot));
    Waiting waiting = memories.computeIfAbsent(component, key -> new Waiting(member.boot()));
    if (remaining == 0) {
      return MAY_LEAVE;
    }
    ComponentId first = memories.sequencedKeySet().getFirst();
    if (!first.equals(component)) {
      return notYet("first " + first + " leaves");
    }
    draining.empty(member, true);
    long nowNs = clockNs.getAsLong();
    if (remaining < waiting.remaining) {
      waiting.remaining = remaining;
      waiting.progressNs = nowNs;
    } else if (nowNs - waiting.progressNs >= STUCK.toNanos()) {
      return notYet(stuck(member, waiting, nowNs));
    }
    return notYet(remaining + " copies of regions are left");
  }

  private synchronized boolean lends(ComponentId component) {
    Map.Entry<ComponentId, Waiting> first = memories.firstEntry();
    return first != null
        && first.getValue().borrows
        && !first.getKey().equals(component)
        && memories.containsKey(component);
  }

  /**
   * Those that wait take copies until the first has left: when they were told to stop, and there
   * are to be as many as before again, Kubernetes starts another in the place of one only after
   * that one has gone.
   */
  private void lendTo(ComponentId first) {
    for (ComponentId other : memories.keySet()) {
      if (!other.equals(first)) {
        try {
          draining.exclude(other, false, "takes copies until " + first + " has left");
        } catch (ControlFault e) {
          LOG.debug("{} takes no copies: {}", other, e.getMessage());
        }
      }
    }
  }

  private String stuck(Member member, Waiting waiting, long nowNs) {
    String shortage = draining.shortage(List.of(member));
    if (shortage != null && memories.size() > 1 && !waiting.borrows) {
      waiting.borrows = true;
      lendTo(member.component());
      waiting.progressNs = nowNs;
      return "room is made on those that leave later";
    }
    String why =
        shortage != null
            ? shortage
            : waiting.remaining + " of its copies of regions find no place elsewhere";
    Duration quiet = why.equals(waiting.said) ? REMINDED : SAID_AGAIN;
    if (waiting.said == null || nowNs - waiting.saidNs >= quiet.toNanos()) {
      waiting.said = why;
      waiting.saidNs = nowNs;
      String sentence =
          "%s cannot stop: %s; more mComponents or fewer programs would let it"
              .formatted(member.component(), why);
      reports.event(
          "component_cannot_stop",
          null,
          null,
          null,
          sentence,
          Map.of("component", member.component().toString()));
      listener.accept(member.component(), sentence);
    }
    return why;
  }

  private static LeaveAnswer notYet(String why) {
    return new LeaveAnswer(false, why);
  }
}
