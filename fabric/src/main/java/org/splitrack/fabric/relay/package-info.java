/** Conversations of another protocol that go over a connection of the rack's own. */
@NullMarked
package org.splitrack.fabric.relay;

import org.jspecify.annotations.NullMarked;
