/** State changes from Kafka into rows: each exactly once, in Kafka's order. */
@NullMarked
package org.splitrack.tables.internal.mirror;

import org.jspecify.annotations.NullMarked;
