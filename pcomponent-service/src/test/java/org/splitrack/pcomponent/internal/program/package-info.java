@NullMarked
package org.splitrack.pcomponent.internal.program;

import org.jspecify.annotations.NullMarked;
