/** An mComponent put together: its store, its port, its tie to the global manager. */
@NullMarked
package org.splitrack.mcomponent.internal;

import org.jspecify.annotations.NullMarked;
