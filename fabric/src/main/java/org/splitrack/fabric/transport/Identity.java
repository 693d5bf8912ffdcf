package org.splitrack.fabric.transport;

import org.splitrack.fabric.BootId;
import org.splitrack.fabric.ComponentId;
import org.splitrack.fabric.RackId;

/** Who this end of a connection is. */
public record Identity(RackId rack, ComponentId component, BootId boot, SharedSecret secret) {}
