/** The words of the rack: identities, sizes, endpoints. */
@NullMarked
package org.splitrack.fabric;

import org.jspecify.annotations.NullMarked;
