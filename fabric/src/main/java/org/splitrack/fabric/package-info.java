@NullMarked
package org.splitrack.fabric;

import org.jspecify.annotations.NullMarked;
