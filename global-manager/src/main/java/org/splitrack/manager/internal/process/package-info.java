/** GPM: where processes run, and how they end. */
@NullMarked
package org.splitrack.manager.internal.process;

import org.jspecify.annotations.NullMarked;
