@NullMarked
package org.splitrack.pcomponent.internal.wasm;

import org.jspecify.annotations.NullMarked;
