/** Subjects, and baselines without rack code. */
@NullMarked
package org.splitrack.bench.internal;

import org.jspecify.annotations.NullMarked;
