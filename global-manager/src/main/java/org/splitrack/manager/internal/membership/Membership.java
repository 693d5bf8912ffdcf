package org.splitrack.manager.internal.membership;

import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentSkipListMap;
import org.splitrack.fabric.BootId;
import org.splitrack.fabric.ComponentId;
import org.splitrack.fabric.Endpoint;
import org.splitrack.fabric.Role;
import org.splitrack.fabric.control.ComponentCalls.Heartbeat;
import org.splitrack.fabric.control.ComponentCalls.Register;
import org.splitrack.fabric.control.ControlFault;
import org.splitrack.manager.internal.membership.MembershipChange.BootGone;
import org.splitrack.manager.internal.membership.MembershipChange.Departed;
import org.splitrack.manager.internal.membership.MembershipChange.GivenUp;
import org.splitrack.manager.internal.membership.MembershipChange.Joined;
import org.splitrack.manager.internal.membership.MembershipChange.Recovered;
import org.splitrack.manager.internal.membership.MembershipChange.Refreshed;
import org.splitrack.manager.internal.membership.MembershipChange.Suspected;
import org.splitrack.manager.internal.membership.MembershipChange.WentDown;

/**
 * Who belongs to the rack. What is heard goes in, {@link MembershipChange}s come out; time is
 * passed in.
 *
 * <p>Silence is judged against the judge's own scheduling delay: a tick adds at most two tick
 * lengths to a silence, however late it came. A manager that was itself stopped for a minute
 * therefore suspects nobody when it goes on.
 *
 * <p>Safe from any thread; reads never wait.
 */
public final class Membership {
  static final int MAX_MEMBERS = 256;
  private static final int MAX_GONE_BOOTS = 1_024;

  private final SilenceLimits limits;
  private final Map<ComponentId, Member> members = new ConcurrentSkipListMap<>();
  private final Set<BootId> goneBoots = new LinkedHashSet<>();
  private long lastTickNs;
  private long sinceRefreshNs;
  private volatile long listeningNs;

  public Membership(SilenceLimits limits, long nowNs) {
    this.limits = limits;
    this.lastTickNs = nowNs;
  }

  /**
   * A component says that it has started, or that it wants to be known again.
   *
   * @throws ControlFault DENIED from a start that another one has replaced, FULL beyond the limit
   */
  public synchronized List<MembershipChange> register(Register register, Instant at) {
    if (goneBoots.contains(register.boot())) {
      throw new ControlFault(
          ControlFault.Code.DENIED,
          register.component() + " boot " + register.boot() + " was replaced by a newer start");
    }
    Member present = members.get(register.component());
    if (present == null && members.size() >= MAX_MEMBERS) {
      throw new ControlFault(
          ControlFault.Code.FULL, "the rack has " + MAX_MEMBERS + " components already");
    }
    Member joined = Member.registered(register, at);
    if (present != null && present.boot().equals(register.boot())) {
      joined = joined.draining(present.draining());
    }
    members.put(register.component(), joined);
    List<MembershipChange> changes = new ArrayList<>();
    if (present != null && !present.boot().equals(register.boot())) {
      retire(present.boot());
      changes.add(new BootGone(present));
    }
    changes.add(new Joined(joined));
    return changes;
  }

  private void retire(BootId boot) {
    if (goneBoots.size() >= MAX_GONE_BOOTS) {
      goneBoots.remove(goneBoots.iterator().next());
    }
    goneBoots.add(boot);
  }

  /**
   * Takes a heartbeat; empty when that start of the component is not registered. One that only rows
   * name is not: a heartbeat does not say what it has.
   */
  public synchronized Optional<List<MembershipChange>> heartbeat(Heartbeat heartbeat, Instant at) {
    Member present = members.get(heartbeat.component());
    if (present == null
        || !present.isRegistered()
        || !present.boot().equals(heartbeat.boot())
        || present.state() == MemberState.LEFT) {
      return Optional.empty();
    }
    Member heard = present.heard(heartbeat, at);
    members.put(heard.component(), heard);
    return Optional.of(present.answers() ? List.of() : List.of(new Recovered(heard)));
  }

  /** A component says that it stops. One that is not known, or another start of it, is ignored. */
  public synchronized List<MembershipChange> leave(ComponentId component, BootId boot) {
    Member present = members.get(component);
    if (present == null || !present.boot().equals(boot) || present.state() == MemberState.LEFT) {
      return List.of();
    }
    Member left = present.silent(0, MemberState.LEFT);
    members.put(component, left);
    return List.of(new Departed(left));
  }

  /**
   * A component that the rows of an earlier leader name belongs to the rack until it turns out that
   * it does not: it has as long as any to register. When another start of it is there, that one is
   * over.
   */
  public synchronized List<MembershipChange> expect(
      ComponentId component, BootId boot, Endpoint endpoint, Instant at) {
    Member present = members.get(component);
    if (present == null) {
      Member expected =
          Member.expected(component, boot, endpoint, limits.downNs() - limits.registerNs(), at);
      members.put(component, expected);
      return List.of(new Suspected(expected));
    }
    if (!present.boot().equals(boot)) {
      retire(boot);
      return List.of(new BootGone(Member.expected(component, boot, endpoint, 0, at)));
    }
    return switch (present.state()) {
      case DOWN -> List.of(new WentDown(present));
      case LEFT -> List.of(new Departed(present));
      case STARTING, UP, DRAINING, SUSPECT -> List.of();
    };
  }

  /**
   * Places nothing new on a component, or does again. Ends with this start of it.
   *
   * @throws ControlFault NOT_FOUND; UNAVAILABLE when it does not answer
   */
  public synchronized List<MembershipChange> drain(ComponentId component, boolean draining) {
    Member present = members.get(component);
    if (present == null) {
      throw new ControlFault(ControlFault.Code.NOT_FOUND, "there is no component " + component);
    }
    if (!present.answers()) {
      throw new ControlFault(
          ControlFault.Code.UNAVAILABLE, component + " is " + present.state().text());
    }
    if (present.draining() == draining) {
      return List.of();
    }
    Member changed = present.draining(draining);
    members.put(component, changed);
    return List.of(new Refreshed(changed));
  }

  /** It was asked and did not answer: counts as a silence that makes it suspect, or down. */
  public synchronized List<MembershipChange> unanswered(
      ComponentId component, BootId boot, boolean down) {
    Member present = members.get(component);
    if (present == null || !present.boot().equals(boot) || present.state() == MemberState.LEFT) {
      return List.of();
    }
    long silentNs = Math.max(present.silentNs(), down ? limits.downNs() : limits.suspectNs());
    MemberState state = silentNs >= limits.downNs() ? MemberState.DOWN : MemberState.SUSPECT;
    Member judged = present.silent(silentNs, state);
    members.put(component, judged);
    if (state == present.state()) {
      return List.of();
    }
    return List.of(state == MemberState.DOWN ? new WentDown(judged) : new Suspected(judged));
  }

  /** Called every {@code tickNs}, as exactly as the machine allows. */
  public synchronized List<MembershipChange> tick(long nowNs) {
    long elapsedNs = Math.clamp(nowNs - lastTickNs, 0, 2 * limits.tickNs());
    lastTickNs = nowNs;
    sinceRefreshNs += elapsedNs;
    listeningNs += elapsedNs;
    boolean refresh = sinceRefreshNs >= limits.refreshNs();
    if (refresh) {
      sinceRefreshNs = 0;
    }
    List<MembershipChange> changes = new ArrayList<>();
    for (Member member : members.values()) {
      judge(member, elapsedNs, refresh, changes);
    }
    return changes;
  }

  private void judge(
      Member member, long elapsedNs, boolean refresh, List<MembershipChange> changes) {
    if (member.state() == MemberState.LEFT) {
      return;
    }
    long beforeNs = member.silentNs();
    long silentNs = beforeNs + elapsedNs;
    MemberState state =
        silentNs >= limits.downNs()
            ? MemberState.DOWN
            : silentNs >= limits.suspectNs() || !member.isRegistered()
                ? MemberState.SUSPECT
                : MemberState.UP;
    Member judged = member.silent(silentNs, state);
    members.put(judged.component(), judged);
    if (state == MemberState.SUSPECT && member.state() == MemberState.UP) {
      changes.add(new Suspected(judged));
    } else if (state == MemberState.DOWN && member.state() != MemberState.DOWN) {
      changes.add(new WentDown(judged));
    } else if (refresh && state == MemberState.UP) {
      changes.add(new Refreshed(judged));
    }
    if (beforeNs < limits.giveUpNs() && silentNs >= limits.giveUpNs()) {
      changes.add(new GivenUp(judged));
    }
  }

  public Optional<Member> member(ComponentId component) {
    return Optional.ofNullable(members.get(component));
  }

  /** All that were ever registered since the manager's start, in order of their names. */
  public Collection<Member> members() {
    return List.copyOf(members.values());
  }

  /** From now on components register here: this manager leads. */
  public synchronized void listen() {
    listeningNs = 0;
  }

  /**
   * Whether all that live have had the time to register. Before that the lack of a component says
   * nothing.
   */
  public boolean isSettled() {
    return listeningNs >= limits.registerNs();
  }

  /**
   * Whether nobody waits for that start of the component any more: it has left, another has taken
   * its place, or it has been silent for too long.
   */
  public boolean isGivenUp(ComponentId component, BootId boot) {
    Member member = members.get(component);
    return member != null
        && (!member.boot().equals(boot)
            || member.state() == MemberState.LEFT
            || member.silentNs() >= limits.giveUpNs());
  }

  /** Those of a role on which something new may be placed. */
  public List<Member> up(Role role) {
    return members.values().stream().filter(m -> m.hasRole(role) && m.isUp()).toList();
  }

  /** Whether that start of the component is the present one and was heard of lately. */
  public boolean answers(ComponentId component, BootId boot) {
    return member(component)
        .filter(member -> member.boot().equals(boot) && member.answers())
        .isPresent();
  }

  /** Whether that start of the component is the present one and has not left. */
  public boolean isPresent(ComponentId component, BootId boot) {
    Member member = members.get(component);
    return member != null && member.boot().equals(boot) && member.state() != MemberState.LEFT;
  }
}
