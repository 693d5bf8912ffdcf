@NullMarked
package org.splitrack.mcomponent;

import org.jspecify.annotations.NullMarked;
