/** Calls between components: one request, one reply, on the control lane. */
@NullMarked
package org.splitrack.fabric.control;

import org.jspecify.annotations.NullMarked;
