/**
 * A process's files: what the WASI functions ask for, and the client that gets it from the rack.
 */
@NullMarked
package org.splitrack.pcomponent.internal.file;

import org.jspecify.annotations.NullMarked;
