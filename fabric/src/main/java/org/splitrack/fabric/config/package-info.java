/** How a component is told what it is and where the others are. */
@NullMarked
package org.splitrack.fabric.config;

import org.jspecify.annotations.NullMarked;
