@NullMarked
package org.splitrack.simulation;

import org.jspecify.annotations.NullMarked;
