/**
 * The ExCache: page tables of running programs, frames, eviction, prefetch and write-back. Plain
 * Java: no Spring, no logging, and no allocation once a program runs.
 */
@NullMarked
package org.splitrack.pcomponent.internal.excache;

import org.jspecify.annotations.NullMarked;
