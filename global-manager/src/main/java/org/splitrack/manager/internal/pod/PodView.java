package org.splitrack.manager.internal.pod;

import org.splitrack.fabric.ComponentId;

/**
 * A component's pod at one moment.
 *
 * @param address empty while it has none
 * @param node empty while it is on none
 * @param leaving it has been told to end
 * @param restarts how often its container was started again
 */
record PodView(
    ComponentId component,
    String address,
    String node,
    boolean leaving,
    boolean ready,
    int restarts) {}
