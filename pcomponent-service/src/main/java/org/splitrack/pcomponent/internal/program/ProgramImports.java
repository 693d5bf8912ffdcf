package org.splitrack.pcomponent.internal.program;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.splitrack.pcomponent.internal.wasi.HostCall;
import org.splitrack.pcomponent.internal.wasm.BadModule;
import org.splitrack.pcomponent.internal.wasm.ProgramModule;
import run.endive.runtime.HostFunction;
import run.endive.wasm.types.FunctionImport;
import run.endive.wasm.types.FunctionType;
import run.endive.wasm.types.ValType;

/** What a module may import: WASI preview 1 and thread-spawn, each with its one signature. */
final class ProgramImports {
  private static final String PREVIEW1 = "wasi_snapshot_preview1";
  private static final String THREADS = "wasi";
  private static final int MAX_NAMED = 5;
  private static final Map<String, HostCall> CALLS = calls();

  private ProgramImports() {}

  /** What a call does for one program thread; the parameters as Endive passes them. */
  @FunctionalInterface
  interface Body {
    long call(long[] parameters);
  }

  private static Map<String, HostCall> calls() {
    Map<String, HostCall> calls = new HashMap<>();
    for (HostCall call : HostCall.values()) {
      if (call.ofPreview1()) {
        calls.put(PREVIEW1 + "." + call.importName(), call);
      }
    }
    calls.put(THREADS + "." + HostCall.THREAD_SPAWN.importName(), HostCall.THREAD_SPAWN);
    return calls;
  }

  /** Refuses a module that is no command or asks for functions that there are not. */
  static void check(ProgramModule module) throws BadModule {
    if (!module.exportsFunction(ProgramThread.START)) {
      throw new BadModule(
          "the module exports no _start; build it as a WASI command, not as a library");
    }
    List<String> unknown = new ArrayList<>();
    for (FunctionImport function : module.functionImports()) {
      HostCall call = callOf(function);
      if (call == null) {
        unknown.add(nameOf(function));
      } else if (!typeOf(call).equals(module.type(function))) {
        throw new BadModule(
            "the module imports " + nameOf(function) + " with a signature that is not its own");
      }
    }
    if (!unknown.isEmpty()) {
      throw new BadModule(
          "the module imports what a rack does not have: "
              + String.join(", ", unknown.subList(0, Math.min(MAX_NAMED, unknown.size())))
              + (unknown.size() > MAX_NAMED ? " and " + (unknown.size() - MAX_NAMED) + " more" : "")
              + "; build it for wasm32-wasi (preview 1)");
    }
  }

  /** The functions that the module imports, each with the body for one thread. */
  static List<HostFunction> bind(ProgramModule module, Function<HostCall, Body> bodies) {
    List<HostFunction> bound = new ArrayList<>();
    for (FunctionImport function : module.functionImports()) {
      HostCall call = callOf(function);
      if (call == null) {
        throw new IllegalStateException(nameOf(function) + " was not checked");
      }
      Body body = bodies.apply(call);
      bound.add(
          new HostFunction(
              function.module(),
              function.name(),
              typeOf(call),
              (instance, parameters) -> new long[] {body.call(parameters)}));
    }
    return bound;
  }

  private static @Nullable HostCall callOf(FunctionImport function) {
    return CALLS.get(nameOf(function));
  }

  private static String nameOf(FunctionImport function) {
    return function.module() + "." + function.name();
  }

  private static FunctionType typeOf(HostCall call) {
    List<ValType> parameters =
        call.parameters().chars().mapToObj(c -> c == 'I' ? ValType.I64 : ValType.I32).toList();
    return call == HostCall.PROC_EXIT
        ? FunctionType.of(parameters, List.of())
        : FunctionType.of(parameters, List.of(ValType.I32));
  }
}
