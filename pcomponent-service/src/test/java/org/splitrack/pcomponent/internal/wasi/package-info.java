@NullMarked
package org.splitrack.pcomponent.internal.wasi;

import org.jspecify.annotations.NullMarked;
