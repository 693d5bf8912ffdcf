/** What Kubernetes says of the rack's pods. */
@NullMarked
package org.splitrack.manager.internal.pod;

import org.jspecify.annotations.NullMarked;
