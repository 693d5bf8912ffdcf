/** A rack as a picture: who is there, which regions lie where, what moves. */
@NullMarked
package org.splitrack.cli.internal.map;

import org.jspecify.annotations.NullMarked;
