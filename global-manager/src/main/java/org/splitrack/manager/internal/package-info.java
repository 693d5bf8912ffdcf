/** How the parts of the manager are put together. */
@NullMarked
package org.splitrack.manager.internal;

import org.jspecify.annotations.NullMarked;
