/** The client's end of the storage lane: bytes of extents, to and from sComponents. */
@NullMarked
package org.splitrack.fabric.storage;

import org.jspecify.annotations.NullMarked;
