/** Pages of the regions that this mComponent holds. */
@NullMarked
package org.splitrack.mcomponent.internal.store;

import org.jspecify.annotations.NullMarked;
