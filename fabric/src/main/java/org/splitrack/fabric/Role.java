package org.splitrack.fabric;

import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What a component is. */
public enum Role {
  PCOMPONENT(1),
  MCOMPONENT(2),
  SCOMPONENT(3),
  GLOBAL_MANAGER(4),
  TABLE_SERVICE(5),
  POSTGRES(6),
  KAFKA(7),
  /** The {@code rack} command; never a member of the rack. */
  CLI(8);

  /** Those that listen on the fabric. */
  public static final Set<Role> SERVICES =
      Set.of(PCOMPONENT, MCOMPONENT, SCOMPONENT, GLOBAL_MANAGER, TABLE_SERVICE);

  private static final Role[] ROLES = values();

  private final int code;

  Role(int code) {
    this.code = code;
  }

  /** The role of a code off the wire, or null. */
  public static @Nullable Role ofCode(int code) {
    for (Role role : ROLES) {
      if (role.code == code) {
        return role;
      }
    }
    return null;
  }

  /** The role that {@link #prefix} names, or null. */
  public static @Nullable Role ofPrefix(String prefix) {
    for (Role role : ROLES) {
      if (role.prefix().equals(prefix)) {
        return role;
      }
    }
    return null;
  }

  public int code() {
    return code;
  }

  /** The role as it stands in component ids: {@code pcomponent}, {@code global-manager}. */
  public String prefix() {
    return name().toLowerCase(java.util.Locale.ROOT).replace('_', '-');
  }
}
