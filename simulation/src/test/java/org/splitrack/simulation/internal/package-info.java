@NullMarked
package org.splitrack.simulation.internal;

import org.jspecify.annotations.NullMarked;
