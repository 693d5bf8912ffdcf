package org.splitrack.pcomponent.internal.program;

import java.nio.file.Path;
import java.util.function.Consumer;
import org.splitrack.fabric.ComponentId;
import org.splitrack.fabric.control.ProcessCalls.ProcessEnded;
import org.splitrack.fabric.report.StateReporter;
import org.splitrack.pcomponent.internal.excache.ExCache;
import org.splitrack.pcomponent.internal.file.FileService;
import org.splitrack.pcomponent.internal.wasm.ProgramCompiler;

/**
 * What a pComponent gives its processes.
 *
 * @param effects lets output and changes of files pass
 * @param endReports told of every end; may wait for a moment
 * @param outputFolder holds the kept output
 */
public record ProcessSite(
    ComponentId component,
    ExCache cache,
    ProgramCompiler compiler,
    ProcessMemory.Source memory,
    FileService files,
    StateReporter reporter,
    EffectGate.Source effects,
    Consumer<ProcessEnded> endReports,
    Path outputFolder) {}
