package org.splitrack.fabric;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;

/**
 * A component's name, the same everywhere: {@code mcomponent-0}. It is a place, not an identity: a
 * restarted component keeps it and has empty memory; {@link BootId} tells the two apart.
 */
public record ComponentId(Role role, int ordinal) implements Comparable<ComponentId> {
  public ComponentId {
    if (ordinal < 0) {
      throw new IllegalArgumentException("ordinal " + ordinal + " is negative");
    }
  }

  /**
   * Reads {@code mcomponent-0}.
   *
   * @throws IllegalArgumentException when the text names no role or no ordinal
   */
  @JsonCreator
  public static ComponentId parse(String text) {
    int dash = text.lastIndexOf('-');
    if (dash > 0) {
      Role role = Role.ofPrefix(text.substring(0, dash));
      if (role != null) {
        return new ComponentId(role, Integer.parseUnsignedInt(text.substring(dash + 1)));
      }
    }
    throw new IllegalArgumentException("'" + text + "' is no component id such as mcomponent-0");
  }

  @Override
  public int compareTo(ComponentId other) {
    int byRole = role.compareTo(other.role);
    return byRole != 0 ? byRole : Integer.compare(ordinal, other.ordinal);
  }

  @Override
  @JsonValue
  public String toString() {
    return role.prefix() + "-" + ordinal;
  }
}
