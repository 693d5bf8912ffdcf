/** State changes that components publish for the tables. */
@NullMarked
package org.splitrack.fabric.report;

import org.jspecify.annotations.NullMarked;
