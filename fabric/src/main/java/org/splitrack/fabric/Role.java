package org.splitrack.fabric;

/** What a component is. */
public enum Role {
  PCOMPONENT,
  MCOMPONENT,
  SCOMPONENT,
  GLOBAL_MANAGER,
  TABLE_SERVICE,
  POSTGRES,
  KAFKA,
  /** The {@code rack} command; never a member of the rack. */
  CLI;

  /** The role as it stands in component ids: {@code pcomponent}, {@code global-manager}. */
  public String prefix() {
    return name().toLowerCase(java.util.Locale.ROOT).replace('_', '-');
  }
}
