package org.splitrack.pcomponent.internal.wasm;

import java.util.List;
import java.util.stream.IntStream;
import run.endive.runtime.ImportFunction;
import run.endive.runtime.ImportMemory;
import run.endive.runtime.ImportValues;
import run.endive.runtime.Instance;
import run.endive.runtime.TableInstance;
import run.endive.wasm.WasmModule;
import run.endive.wasm.types.Export;
import run.endive.wasm.types.ExternalType;
import run.endive.wasm.types.FunctionImport;
import run.endive.wasm.types.FunctionType;
import run.endive.wasm.types.Table;
import run.endive.wasm.types.TableLimits;

/** A checked and compiled module, from which any number of processes may be made. Immutable. */
public final class ProgramModule {
  private final String digest;
  private final MemoryShape shape;
  private final WasmModule first;
  private final WasmModule further;
  private final CompiledCode code;
  private final FunctionNames names;
  private final List<String> interpretedFunctions;

  ProgramModule(
      String digest,
      MemoryShape shape,
      LeanModule lean,
      CompiledCode code,
      FunctionNames names,
      List<String> interpretedFunctions) {
    this.digest = digest;
    this.shape = shape;
    this.first = lean.complete();
    this.further = lean.withoutStart();
    this.code = code;
    this.names = names;
    this.interpretedFunctions = interpretedFunctions;
  }

  /** SHA-256 of the file, 64 hex digits. */
  public String digest() {
    return digest;
  }

  public MemoryShape shape() {
    return shape;
  }

  /** Functions that are run by the interpreter, being too large for a Java method. */
  public List<String> interpretedFunctions() {
    return interpretedFunctions;
  }

  /** The name of a function by its index, imports first; one of ours where it has none. */
  public String functionName(int index) {
    return names.of(index);
  }

  public List<FunctionImport> functionImports() {
    var section = first.importSection();
    return IntStream.range(0, section.importCount())
        .mapToObj(section::getImport)
        .filter(FunctionImport.class::isInstance)
        .map(FunctionImport.class::cast)
        .toList();
  }

  /** The type of an imported function. */
  public FunctionType type(FunctionImport function) {
    return first.typeSection().getType(function.typeIndex());
  }

  public boolean exportsFunction(String name) {
    var section = first.exportSection();
    for (int i = 0; i < section.exportCount(); i++) {
      Export export = section.getExport(i);
      if (export.exportType() == ExternalType.FUNCTION && export.name().equals(name)) {
        return true;
      }
    }
    return false;
  }

  /**
   * The program's first instance: data segments are filled in and the start section has run, {@code
   * _start} has not.
   */
  public Instance instantiate(PagedMemory memory, List<? extends ImportFunction> functions) {
    return build(first, memory, functions);
  }

  /** An instance for a further thread: memory is left as it is. */
  public Instance instantiateThread(PagedMemory memory, List<? extends ImportFunction> functions) {
    return build(further, memory, functions);
  }

  private Instance build(
      WasmModule module, PagedMemory memory, List<? extends ImportFunction> functions) {
    ImportValues.Builder imports =
        ImportValues.builder().addFunction(functions.toArray(ImportFunction[]::new));
    MemoryShape.Imported imported = shape.imported();
    if (imported != null) {
      imports.addMemory(new ImportMemory(imported.module(), imported.name(), memory));
    }
    return Instance.builder(module)
        .withImportValues(imports.build())
        .withMemoryFactory(limits -> memory)
        .withMachineFactory(code::machine)
        .withTableFactory(ProgramModule::table)
        .withStart(false)
        .build();
  }

  /** With limits of its own: the runtime raises them when the table grows. */
  private static TableInstance table(Table declared, int initialValue) {
    TableLimits limits = declared.limits();
    TableLimits own = new TableLimits(limits.min(), limits.max(), limits.shared());
    return new TableInstance(
        new Table(declared.elementType(), own, declared.initialize()), initialValue);
  }
}
