@NullMarked
package org.splitrack.bench.internal;

import org.jspecify.annotations.NullMarked;
