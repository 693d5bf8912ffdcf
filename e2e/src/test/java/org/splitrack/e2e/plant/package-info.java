/** Bugs that tests plant in components that run, to see that their checks find them. */
@NullMarked
package org.splitrack.e2e.plant;

import org.jspecify.annotations.NullMarked;
