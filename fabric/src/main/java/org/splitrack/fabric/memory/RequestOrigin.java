package org.splitrack.fabric.memory;

import org.splitrack.fabric.RackId;

/** What every request of one process incarnation says about where it comes from. */
record RequestOrigin(RackId rack, int incarnation) {}
