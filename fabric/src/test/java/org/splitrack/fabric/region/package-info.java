@NullMarked
package org.splitrack.fabric.region;

import org.jspecify.annotations.NullMarked;
