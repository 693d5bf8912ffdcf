/** Extents as files of a folder, with a bound on their bytes. */
@NullMarked
package org.splitrack.scomponent.internal.disk;

import org.jspecify.annotations.NullMarked;
