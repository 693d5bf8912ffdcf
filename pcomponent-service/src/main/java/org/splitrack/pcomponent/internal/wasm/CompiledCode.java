package org.splitrack.pcomponent.internal.wasm;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import run.endive.compiler.InterpreterFallback;
import run.endive.compiler.internal.ByteClassCollector;
import run.endive.compiler.internal.Compiler;
import run.endive.compiler.internal.CompilerResult;
import run.endive.runtime.Instance;
import run.endive.runtime.Machine;
import run.endive.wasm.WasmModule;

/**
 * A module's functions as loaded Java classes, in a class loader of their own.
 *
 * @param constructor from {@link Instance} to {@link Machine}
 * @param interpreted indices of functions that are too large for a Java method
 */
record CompiledCode(MethodHandle constructor, Set<Integer> interpreted) {

  static CompiledCode compile(WasmModule module) {
    CompilerResult result =
        Compiler.builder(module)
            .withInterpreterFallback(InterpreterFallback.SILENT)
            .withClassCollectorFactory(ByteClassCollector::new)
            .build()
            .compile();
    Loader loader = new Loader(result.classBytes());
    try {
      Class<?> machine = loader.loadClass(result.collector().mainClassName());
      MethodHandle constructor =
          MethodHandles.publicLookup()
              .findConstructor(machine, MethodType.methodType(void.class, Instance.class))
              .asType(MethodType.methodType(Machine.class, Instance.class));
      return new CompiledCode(constructor, result.interpretedFunctions());
    } catch (ReflectiveOperationException impossible) {
      throw new IllegalStateException("the compiler generated no usable class", impossible);
    }
  }

  Machine machine(Instance instance) {
    try {
      return (Machine) constructor.invokeExact(instance);
    } catch (RuntimeException | Error unchecked) {
      throw unchecked;
    } catch (Throwable checked) {
      throw new IllegalStateException("the generated constructor failed", checked);
    }
  }

  /** Defines the generated classes, each rewritten when it is first needed. */
  private static final class Loader extends ClassLoader {
    private final Map<String, byte[]> generated;
    private final AccessorRewriter rewriter = new AccessorRewriter();

    Loader(Map<String, byte[]> generated) {
      super("program", CompiledCode.class.getClassLoader());
      this.generated = new ConcurrentHashMap<>();
      generated.forEach((name, octets) -> this.generated.put(name.replace('/', '.'), octets));
    }

    @Override
    protected Class<?> findClass(String name) throws ClassNotFoundException {
      byte @Nullable [] octets = generated.remove(name);
      if (octets == null) {
        throw new ClassNotFoundException(name);
      }
      byte[] rewritten = rewriter.rewrite(octets);
      return defineClass(name, rewritten, 0, rewritten.length);
    }
  }
}
