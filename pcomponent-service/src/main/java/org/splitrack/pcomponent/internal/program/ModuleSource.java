package org.splitrack.pcomponent.internal.program;

import org.splitrack.pcomponent.internal.wasm.BadModule;
import org.splitrack.pcomponent.internal.wasm.ProgramModule;

/** Where a process gets its compiled module; may take seconds. */
@FunctionalInterface
interface ModuleSource {
  ProgramModule load() throws BadModule;
}
