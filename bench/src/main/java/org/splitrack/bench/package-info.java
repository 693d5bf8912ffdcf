@NullMarked
package org.splitrack.bench;

import org.jspecify.annotations.NullMarked;
