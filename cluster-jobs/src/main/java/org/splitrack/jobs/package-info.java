/** What Helm runs in the cluster. */
@NullMarked
package org.splitrack.jobs;

import org.jspecify.annotations.NullMarked;
