package org.splitrack.manager.internal.membership;

import java.time.Instant;
import java.util.List;
import org.splitrack.fabric.BootId;
import org.splitrack.fabric.ComponentId;
import org.splitrack.fabric.Endpoint;
import org.splitrack.fabric.Role;
import org.splitrack.fabric.control.ComponentCalls.Heartbeat;
import org.splitrack.fabric.control.ComponentCalls.Register;
import org.splitrack.fabric.report.StateChange.ComponentState;

/**
 * A component as the manager knows it; immutable.
 *
 * @param httpEndpoint host:port of its health page
 * @param state as far as it answers
 * @param draining it is being emptied, as long as this start of it lives
 * @param silentNs how long nothing was heard, counted only while the manager itself was running;
 *     negative while one that only rows name has time to register
 * @param reportedAt when it last said something
 */
public record Member(
    ComponentId component,
    BootId boot,
    Endpoint endpoint,
    String httpEndpoint,
    long capacityBytes,
    String node,
    String profile,
    long pid,
    MemberState state,
    boolean draining,
    long usedBytes,
    double load,
    List<Long> processes,
    long silentNs,
    Instant reportedAt) {

  static Member registered(Register register, Instant at) {
    return new Member(
        register.component(),
        register.boot(),
        register.endpoint(),
        register.httpEndpoint(),
        register.capacityBytes(),
        register.node(),
        register.profile(),
        register.pid(),
        MemberState.UP,
        false,
        0,
        0,
        List.of(),
        0,
        at);
  }

  /** One that is named in rows, and was not heard of yet. */
  static Member expected(
      ComponentId component, BootId boot, Endpoint endpoint, long silentNs, Instant at) {
    return new Member(
        component,
        boot,
        endpoint,
        "",
        0,
        "",
        "",
        0,
        MemberState.SUSPECT,
        false,
        0,
        0,
        List.of(),
        silentNs,
        at);
  }

  Member heard(Heartbeat heartbeat, Instant at) {
    return new Member(
        component,
        boot,
        endpoint,
        httpEndpoint,
        capacityBytes,
        node,
        profile,
        pid,
        MemberState.UP,
        draining,
        heartbeat.usedBytes(),
        heartbeat.load(),
        List.copyOf(heartbeat.processes()),
        0,
        at);
  }

  Member silent(long silentNs, MemberState state) {
    return with(silentNs, state, draining);
  }

  Member draining(boolean isDraining) {
    return with(silentNs, state, isDraining);
  }

  private Member with(long silentNs, MemberState state, boolean draining) {
    return new Member(
        component,
        boot,
        endpoint,
        httpEndpoint,
        capacityBytes,
        node,
        profile,
        pid,
        state,
        draining,
        usedBytes,
        load,
        processes,
        silentNs,
        reportedAt);
  }

  /** Whether it has said itself what it is; false while only rows name it. */
  public boolean isRegistered() {
    return pid != 0;
  }

  /** Whether something new may be placed on it. */
  public boolean isUp() {
    return answers() && !draining;
  }

  /** Whether it was heard of lately. */
  public boolean answers() {
    return state == MemberState.UP;
  }

  /** How it stands with the rack, as the tables show it. */
  public MemberState shownState() {
    return answers() && draining ? MemberState.DRAINING : state;
  }

  public boolean hasRole(Role role) {
    return component.role() == role;
  }

  /** The row of {@code api.components}. */
  public ComponentState asReported() {
    return new ComponentState(
        component.toString(),
        roleText(component.role()),
        shownState().text(),
        boot.toString(),
        node,
        profile,
        capacityBytes,
        usedBytes,
        load,
        reportedAt);
  }

  /** The word for a role in the tables and in {@code rack scale}. */
  public static String roleText(Role role) {
    return switch (role) {
      case PCOMPONENT -> "processor";
      case MCOMPONENT -> "memory";
      case SCOMPONENT -> "storage";
      case GLOBAL_MANAGER -> "manager";
      case TABLE_SERVICE -> "tables";
      case POSTGRES, KAFKA, CLI -> role.prefix();
    };
  }
}
