/**
 * A rack on a virtual clock: nodes that drive the machines of {@code org.splitrack.fabric.region},
 * a network, a disk and an authority that fail in every way the protocol admits, and the judges.
 */
@NullMarked
package org.splitrack.simulation.internal;

import org.jspecify.annotations.NullMarked;
