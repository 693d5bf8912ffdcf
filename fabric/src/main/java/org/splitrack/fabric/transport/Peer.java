package org.splitrack.fabric.transport;

import org.splitrack.fabric.BootId;
import org.splitrack.fabric.ComponentId;

/** Who the other end of a connection proved to be. */
public record Peer(ComponentId component, BootId boot) {}
