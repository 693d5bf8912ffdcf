/** What the manager alone decides: rows by compare-and-set, and numbers never used again. */
@NullMarked
package org.splitrack.manager.internal.authority;

import org.jspecify.annotations.NullMarked;
