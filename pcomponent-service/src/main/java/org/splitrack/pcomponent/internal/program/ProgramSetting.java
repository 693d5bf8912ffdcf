package org.splitrack.pcomponent.internal.program;

import org.splitrack.pcomponent.internal.excache.AddressSpace;
import org.splitrack.pcomponent.internal.file.FileSystem;
import org.splitrack.pcomponent.internal.wasi.ProgramContext;
import org.splitrack.pcomponent.internal.wasm.ProgramModule;

/** What the threads of a running process share. */
record ProgramSetting(
    ProgramModule module, AddressSpace space, FileSystem files, ProgramContext context) {}
