/** The one-machine rack: its processes, its state directory, its start and its end. */
@NullMarked
package org.splitrack.cli.internal.machine;

import org.jspecify.annotations.NullMarked;
