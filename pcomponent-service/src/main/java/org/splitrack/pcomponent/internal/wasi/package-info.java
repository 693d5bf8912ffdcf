/** What a program may call: WASI preview 1, thread-spawn, and the one seam they all pass. */
@NullMarked
package org.splitrack.pcomponent.internal.wasi;

import org.jspecify.annotations.NullMarked;
