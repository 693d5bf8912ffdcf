/** The whole rack, driven as a user drives it. */
@NullMarked
package org.splitrack.e2e;

import org.jspecify.annotations.NullMarked;
