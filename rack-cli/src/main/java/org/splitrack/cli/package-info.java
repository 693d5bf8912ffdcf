/** The {@code rack} command and the one-machine rack. */
@NullMarked
package org.splitrack.cli;

import org.jspecify.annotations.NullMarked;
