/** The global manager's HTTP API, as the command line uses it. */
@NullMarked
package org.splitrack.cli.internal.manager;

import org.jspecify.annotations.NullMarked;
