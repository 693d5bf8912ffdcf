@NullMarked
package org.splitrack.pcomponent.internal.excache;

import org.jspecify.annotations.NullMarked;
