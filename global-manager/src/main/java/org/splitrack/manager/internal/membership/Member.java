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
 * @param silentNs how long nothing was heard, counted only while the manager itself was running
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
        heartbeat.usedBytes(),
        heartbeat.load(),
        List.copyOf(heartbeat.processes()),
        0,
        at);
  }

  Member silent(long silentNs, MemberState state) {
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
    return state == MemberState.UP;
  }

  public boolean hasRole(Role role) {
    return component.role() == role;
  }

  /** The row of {@code api.components}. */
  public ComponentState asReported() {
    return new ComponentState(
        component.toString(),
        roleText(component.role()),
        state.text(),
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
