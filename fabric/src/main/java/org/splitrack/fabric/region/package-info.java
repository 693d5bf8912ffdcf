/**
 * Replication, failover and live migration of regions as pure state machines: events in, effects
 * out. Nothing here has a thread, a clock, a socket or a random source; services drive these
 * classes with real ones, the simulation with virtual ones.
 */
@NullMarked
package org.splitrack.fabric.region;

import org.jspecify.annotations.NullMarked;
