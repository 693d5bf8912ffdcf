/** The rack's state as tables, read through JDBC. */
@NullMarked
package org.splitrack.cli.internal.tables;

import org.jspecify.annotations.NullMarked;
