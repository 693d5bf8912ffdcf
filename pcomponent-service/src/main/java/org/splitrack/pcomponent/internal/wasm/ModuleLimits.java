package org.splitrack.pcomponent.internal.wasm;

import static org.splitrack.fabric.PageGeometry.MAX_WASM_PAGES;

import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.splitrack.pcomponent.internal.wasm.MemoryShape.Imported;
import run.endive.wasm.WasmModule;
import run.endive.wasm.types.AnnotatedInstruction;
import run.endive.wasm.types.FunctionBody;
import run.endive.wasm.types.Import;
import run.endive.wasm.types.ImportSection;
import run.endive.wasm.types.MemoryImport;
import run.endive.wasm.types.MemoryLimits;
import run.endive.wasm.types.TableImport;

/** What a module may be, checked before anything is allocated for it. */
final class ModuleLimits {
  static final int MAX_OCTETS = 64 << 20;

  private static final int MAX_FUNCTIONS = 200_000;
  private static final long MAX_TABLE_ENTRIES = 1_000_000;
  private static final int MAX_TABLES = 64;
  private static final int MAX_GLOBALS = 100_000;

  /** The opcodes of the SIMD proposal share this first byte. */
  private static final int SIMD_PREFIX = 0xFD;

  private static final byte[] MAGIC = {0, 'a', 's', 'm'};

  private ModuleLimits() {}

  static void checkOctets(byte[] octets) throws BadModule {
    if (octets.length > MAX_OCTETS) {
      throw new BadModule(
          "the module has " + octets.length + " bytes; at most " + MAX_OCTETS + " are taken");
    }
    boolean wasm = octets.length >= 8;
    for (int i = 0; wasm && i < MAGIC.length; i++) {
      wasm = octets[i] == MAGIC[i];
    }
    if (!wasm) {
      throw new BadModule("not a WebAssembly module: it does not begin with \\0asm");
    }
    // Version in the low half, layer in the high one.
    if (octets[4] != 1 || octets[5] != 0) {
      throw new BadModule("not a WebAssembly module of version 1");
    }
    if (octets[6] != 0 || octets[7] != 0) {
      throw new BadModule("a WebAssembly component; build a module (wasm32-wasip1) instead");
    }
  }

  static void check(WasmModule module) throws BadModule {
    int functions = module.functionSection().functionCount();
    if (functions > MAX_FUNCTIONS) {
      throw new BadModule(
          "the module has " + functions + " functions; at most " + MAX_FUNCTIONS + " are taken");
    }
    if (module.globalSection().globalCount() > MAX_GLOBALS) {
      throw new BadModule("the module has more than " + MAX_GLOBALS + " globals");
    }
    checkTables(module);
    for (FunctionBody body : module.codeSection().functionBodies()) {
      for (AnnotatedInstruction instruction : body.instructions()) {
        if (instruction.opcode().opcode() >>> 8 == SIMD_PREFIX) {
          throw new BadModule(
              "the module uses SIMD instructions; build it with -mno-simd128 (Rust:"
                  + " -C target-feature=-simd128)");
        }
      }
    }
  }

  private static void checkTables(WasmModule module) throws BadModule {
    int tables = module.tableSection().tableCount();
    if (tables > MAX_TABLES) {
      throw new BadModule("the module has more than " + MAX_TABLES + " tables");
    }
    for (int i = 0; i < tables; i++) {
      long entries = module.tableSection().getTable(i).limits().min();
      if (entries > MAX_TABLE_ENTRIES) {
        throw new BadModule(
            "a table of " + entries + " entries; at most " + MAX_TABLE_ENTRIES + " are taken");
      }
    }
    for (Import imported : imports(module)) {
      if (imported instanceof TableImport) {
        throw new BadModule(
            "the module imports a table (" + imported.module() + "." + imported.name() + ")");
      }
    }
  }

  static MemoryShape shape(WasmModule module) throws BadModule {
    MemoryShape shape = null;
    for (Import imported : imports(module)) {
      if (imported instanceof MemoryImport memory) {
        if (shape != null) {
          throw new BadModule("the module has several memories; build it without multi-memory");
        }
        shape = shape(memory.limits(), new Imported(memory.module(), memory.name()));
      }
    }
    int defined = module.memorySection().map(section -> section.memoryCount()).orElse(0);
    if (defined > 1 || (defined == 1 && shape != null)) {
      throw new BadModule("the module has several memories; build it without multi-memory");
    }
    if (defined == 1) {
      shape = shape(module.memorySection().orElseThrow().getMemory(0).limits(), null);
    }
    if (shape == null) {
      throw new BadModule("the module has no memory; it is not a WASI command");
    }
    return shape;
  }

  private static MemoryShape shape(MemoryLimits limits, @Nullable Imported imported)
      throws BadModule {
    if (limits.initialPages() > MAX_WASM_PAGES) {
      throw new BadModule(
          "the module starts with "
              + limits.initialPages() / 16
              + " MiB of memory; a program may have at most 2047 MiB");
    }
    int max = Math.min(limits.maximumPages(), MAX_WASM_PAGES);
    return new MemoryShape(limits.initialPages(), max, limits.shared(), imported);
  }

  private static List<Import> imports(WasmModule module) {
    ImportSection section = module.importSection();
    return IntStream.range(0, section.importCount()).mapToObj(section::getImport).toList();
  }
}
