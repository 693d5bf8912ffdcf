/** An authority for one rack, and the certificates of its roles. */
@NullMarked
package org.splitrack.certificates;

import org.jspecify.annotations.NullMarked;
