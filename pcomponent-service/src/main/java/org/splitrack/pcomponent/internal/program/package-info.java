/** Running programs: processes, their threads, streams and ends. */
@NullMarked
package org.splitrack.pcomponent.internal.program;

import org.jspecify.annotations.NullMarked;
