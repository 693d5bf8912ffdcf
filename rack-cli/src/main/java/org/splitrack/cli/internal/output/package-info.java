/** Rows as a table, as JSON or as CSV. */
@NullMarked
package org.splitrack.cli.internal.output;

import org.jspecify.annotations.NullMarked;
