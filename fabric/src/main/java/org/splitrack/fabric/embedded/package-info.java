/**
 * PostgreSQL and Kafka as processes of their own, from what the class path holds: for the rack of
 * one machine and for tests. Who uses it brings the optional dependencies: commons-compress, xz and
 * the PostgreSQL binaries, or the Kafka server.
 */
@NullMarked
package org.splitrack.fabric.embedded;

import org.jspecify.annotations.NullMarked;
