/** How the images are made. */
@NullMarked
package org.splitrack.images.internal;

import org.jspecify.annotations.NullMarked;
