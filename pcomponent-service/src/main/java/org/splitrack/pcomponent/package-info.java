@NullMarked
package org.splitrack.pcomponent;

import org.jspecify.annotations.NullMarked;
