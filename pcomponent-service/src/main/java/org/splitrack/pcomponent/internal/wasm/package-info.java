/** WebAssembly programs over disaggregated memory: checking, compiling and running modules. */
@NullMarked
package org.splitrack.pcomponent.internal.wasm;

import org.jspecify.annotations.NullMarked;
