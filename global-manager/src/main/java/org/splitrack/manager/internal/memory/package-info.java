/** GMM: where regions lie, and what is reserved where. */
@NullMarked
package org.splitrack.manager.internal.memory;

import org.jspecify.annotations.NullMarked;
