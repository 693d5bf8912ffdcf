package org.splitrack.pcomponent.internal.wasm;

import java.util.List;
import java.util.Set;
import run.endive.wasm.WasmModule;
import run.endive.wasm.types.CodeSection;
import run.endive.wasm.types.ExternalType;
import run.endive.wasm.types.FunctionBody;

/**
 * What is left of a parsed module once it has been compiled: everything but the instructions of
 * compiled functions, which are most of its memory.
 */
final class LeanModule {
  private final WasmModule parsed;
  private final CodeSection code;

  LeanModule(WasmModule parsed, Set<Integer> interpreted) {
    this.parsed = parsed;
    int imported = parsed.importSection().count(ExternalType.FUNCTION);
    CodeSection.Builder bodies = CodeSection.builder();
    FunctionBody[] all = parsed.codeSection().functionBodies();
    for (int i = 0; i < all.length; i++) {
      boolean kept = interpreted.contains(imported + i);
      bodies.addFunctionBody(kept ? all[i] : new FunctionBody(List.of(), List.of()));
    }
    code = bodies.build();
  }

  WasmModule complete() {
    WasmModule.Builder module = withoutStartSection();
    parsed.startSection().ifPresent(module::setStartSection);
    return module.build();
  }

  WasmModule withoutStart() {
    return withoutStartSection().build();
  }

  private WasmModule.Builder withoutStartSection() {
    WasmModule.Builder module =
        WasmModule.builder()
            .setTypeSection(parsed.typeSection())
            .setImportSection(parsed.importSection())
            .setFunctionSection(parsed.functionSection())
            .setTableSection(parsed.tableSection())
            .setGlobalSection(parsed.globalSection())
            .setExportSection(parsed.exportSection())
            .setElementSection(parsed.elementSection())
            .setDataSection(parsed.dataSection())
            .setCodeSection(code)
            .withValidation(false);
    parsed.memorySection().ifPresent(module::setMemorySection);
    parsed.dataCountSection().ifPresent(module::setDataCountSection);
    parsed.tagSection().ifPresent(module::setTagSection);
    return module;
  }
}
