/** What the manager tells the tables. */
@NullMarked
package org.splitrack.manager.internal.report;

import org.jspecify.annotations.NullMarked;
