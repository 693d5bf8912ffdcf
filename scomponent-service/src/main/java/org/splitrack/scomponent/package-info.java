@NullMarked
package org.splitrack.scomponent;

import org.jspecify.annotations.NullMarked;
