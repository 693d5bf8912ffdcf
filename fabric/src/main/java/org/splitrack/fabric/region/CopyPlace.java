package org.splitrack.fabric.region;

import com.fasterxml.jackson.annotation.JsonIgnore;
import org.splitrack.fabric.BootId;
import org.splitrack.fabric.ComponentId;
import org.splitrack.fabric.Endpoint;
import org.splitrack.fabric.Role;

/**
 * Where a copy of a region is: one start of one component. The boot id is what identifies it; a
 * component that was restarted has another and none of the copies.
 */
public record CopyPlace(ComponentId component, BootId boot, Endpoint endpoint) {
  public boolean hasBoot(BootId other) {
    return boot.value() == other.value();
  }

  /** A copy that can be read back as memory; a log (on an sComponent) acknowledges only. */
  @JsonIgnore
  public boolean isPromotable() {
    return component.role() == Role.MCOMPONENT;
  }

  @Override
  public String toString() {
    return component + "/" + boot;
  }
}
