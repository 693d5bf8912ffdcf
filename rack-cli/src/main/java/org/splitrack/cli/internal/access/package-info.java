/** How commands reach a rack, wherever it runs. */
@NullMarked
package org.splitrack.cli.internal.access;

import org.jspecify.annotations.NullMarked;
