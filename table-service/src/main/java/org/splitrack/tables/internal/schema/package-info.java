/** The database: how it is reached and its migrations. */
@NullMarked
package org.splitrack.tables.internal.schema;

import org.jspecify.annotations.NullMarked;
