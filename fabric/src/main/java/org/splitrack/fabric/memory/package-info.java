/** The page path seen from a program thread: frames, fetching, writing back. */
@NullMarked
package org.splitrack.fabric.memory;

import org.jspecify.annotations.NullMarked;
