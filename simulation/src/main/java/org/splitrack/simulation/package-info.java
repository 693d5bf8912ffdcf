/** The memory plane in simulation: the protocol's own classes, a virtual rack around them. */
@NullMarked
package org.splitrack.simulation;

import org.jspecify.annotations.NullMarked;
