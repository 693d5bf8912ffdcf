package org.splitrack.bench.internal;

import org.splitrack.fabric.BootId;
import org.splitrack.fabric.ComponentId;
import org.splitrack.fabric.Endpoint;
import org.splitrack.fabric.region.CopyPlace;

/** A running component of the rack under test. */
record RackPeer(ComponentId component, BootId boot, Endpoint endpoint) {
  CopyPlace place() {
    return new CopyPlace(component, boot, endpoint);
  }
}
