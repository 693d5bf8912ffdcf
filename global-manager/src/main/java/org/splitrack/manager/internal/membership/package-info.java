/** Who belongs to the rack, and who is silent. */
@NullMarked
package org.splitrack.manager.internal.membership;

import org.jspecify.annotations.NullMarked;
