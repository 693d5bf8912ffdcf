/** Answers the storage lane, and what the global manager commands. */
@NullMarked
package org.splitrack.scomponent.internal.lane;

import org.jspecify.annotations.NullMarked;
