/** Page reads and write-backs over the wire. No Spring, no logging, no allocation per request. */
@NullMarked
package org.splitrack.mcomponent.internal.page;

import org.jspecify.annotations.NullMarked;
