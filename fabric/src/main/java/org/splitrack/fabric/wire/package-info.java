/** The frame format of every connection between components. */
@NullMarked
package org.splitrack.fabric.wire;

import org.jspecify.annotations.NullMarked;
