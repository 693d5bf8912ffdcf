/** Connections between components: handshake, lanes, waiting, blocking frames. */
@NullMarked
package org.splitrack.fabric.transport;

import org.jspecify.annotations.NullMarked;
