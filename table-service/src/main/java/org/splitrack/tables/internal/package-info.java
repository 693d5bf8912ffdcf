/** The table service: what it starts, in which order, and what it says about itself. */
@NullMarked
package org.splitrack.tables.internal;

import org.jspecify.annotations.NullMarked;
