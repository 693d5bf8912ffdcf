/** The storage monitor, put together. */
@NullMarked
package org.splitrack.scomponent.internal;

import org.jspecify.annotations.NullMarked;
