/** What the parts of the command line share. */
@NullMarked
package org.splitrack.cli.internal;

import org.jspecify.annotations.NullMarked;
