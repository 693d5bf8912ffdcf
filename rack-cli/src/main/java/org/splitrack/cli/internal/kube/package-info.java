/** A rack on Kubernetes, reached through the API server. */
@NullMarked
package org.splitrack.cli.internal.kube;

import org.jspecify.annotations.NullMarked;
