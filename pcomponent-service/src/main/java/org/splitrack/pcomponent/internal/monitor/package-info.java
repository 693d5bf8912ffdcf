/** The process monitor, put together. */
@NullMarked
package org.splitrack.pcomponent.internal.monitor;

import org.jspecify.annotations.NullMarked;
