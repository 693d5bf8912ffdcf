package org.splitrack.fabric.wire;

import org.jspecify.annotations.Nullable;
import org.splitrack.fabric.Role;

/**
 * Separate connections for separate urgencies, so that a bulk copy cannot delay a miss. A lane
 * keeps the order of its own frames; nothing orders two lanes. Each is for certain roles at either
 * end; what may be asked for on the control lane is the business of {@code CallRules}.
 */
public enum Lane {
  /** Page reads of one program thread, pipelined. */
  MISS(1),
  /** Write-backs. */
  BULK(2),
  /** Requests and replies between monitors and managers; heartbeats. */
  CONTROL(3),
  /** Standard streams of one process, to and from the {@code rack} command. */
  ATTACH(4),
  /** Extents, between a file client and an sComponent. */
  STORAGE(5),
  /** Pages from the home of a region to its other copies, and hand-offs. */
  REPLICA(6),
  /** PostgreSQL's own protocol, for a command that cannot reach the database itself. */
  TABLES(7);

  private static final Lane[] LANES = values();

  private final int code;

  Lane(int code) {
    this.code = code;
  }

  /** The lane of a code off the wire, or null. */
  public static @Nullable Lane ofCode(int code) {
    for (Lane lane : LANES) {
      if (lane.code == code) {
        return lane;
      }
    }
    return null;
  }

  public int code() {
    return code;
  }

  /** Whether a component of that role has any business on it, as the end that dials. */
  public boolean mayBeOpenedBy(Role role) {
    return switch (this) {
      case MISS, BULK -> role == Role.PCOMPONENT;
      case REPLICA -> role == Role.MCOMPONENT;
      case STORAGE -> role == Role.PCOMPONENT || role == Role.GLOBAL_MANAGER;
      case ATTACH, TABLES -> role == Role.CLI;
      case CONTROL -> true;
    };
  }

  /** The same for the end that listens. */
  public boolean mayBeServedBy(Role role) {
    return switch (this) {
      case MISS, BULK, REPLICA -> role == Role.MCOMPONENT;
      case STORAGE -> role == Role.SCOMPONENT;
      case ATTACH -> role == Role.PCOMPONENT;
      case TABLES -> role == Role.TABLE_SERVICE;
      case CONTROL -> Role.SERVICES.contains(role);
    };
  }
}
