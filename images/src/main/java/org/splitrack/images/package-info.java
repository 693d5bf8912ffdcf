/** Makes the container images. */
@NullMarked
package org.splitrack.images;

import org.jspecify.annotations.NullMarked;
