/** Standard streams of a process, between its pComponent and the {@code rack} command. */
@NullMarked
package org.splitrack.fabric.attach;

import org.jspecify.annotations.NullMarked;
