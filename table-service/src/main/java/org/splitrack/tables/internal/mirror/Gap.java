package org.splitrack.tables.internal.mirror;

/** Sequences of a publisher that never came, both ends included. */
record Gap(Publisher publisher, long from, long to) {}
