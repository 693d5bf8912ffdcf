@NullMarked
package org.splitrack.pcomponent.internal.monitor;

import org.jspecify.annotations.NullMarked;
