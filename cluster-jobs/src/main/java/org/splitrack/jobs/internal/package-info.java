/** The jobs. */
@NullMarked
package org.splitrack.jobs.internal;

import org.jspecify.annotations.NullMarked;
