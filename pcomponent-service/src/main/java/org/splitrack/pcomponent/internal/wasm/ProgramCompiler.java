package org.splitrack.pcomponent.internal.wasm;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.jspecify.annotations.Nullable;
import run.endive.wasm.Parser;
import run.endive.wasm.WasmEngineException;
import run.endive.wasm.WasmModule;

/**
 * Turns files into {@link ProgramModule}s, each once: those used last are kept by digest.
 * Thread-safe; two threads that want the same module compile it once.
 */
public final class ProgramCompiler {
  private static final int MAX_KEPT = 16;
  private static final int MAX_LISTED_FUNCTIONS = 100;

  private final Map<String, FutureTask<ProgramModule>> byDigest =
      new LinkedHashMap<>(MAX_KEPT, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, FutureTask<ProgramModule>> eldest) {
          return size() > MAX_KEPT;
        }
      };

  /** The module with this SHA-256 (hex), if it is kept. */
  public @Nullable ProgramModule kept(String digest) {
    FutureTask<ProgramModule> task;
    synchronized (byDigest) {
      task = byDigest.get(digest);
    }
    return task != null && task.state() == FutureTask.State.SUCCESS ? task.resultNow() : null;
  }

  /**
   * Checks and compiles a file, or answers the kept module with the same content.
   *
   * @throws BadModule in one line when it cannot be run
   */
  public ProgramModule load(byte[] octets) throws BadModule {
    ModuleLimits.checkOctets(octets);
    String digest = sha256(octets);
    FutureTask<ProgramModule> task = new FutureTask<>(() -> compile(digest, octets));
    FutureTask<ProgramModule> present;
    synchronized (byDigest) {
      present = byDigest.putIfAbsent(digest, task);
    }
    if (present == null) {
      present = task;
      task.run();
    }
    return result(digest, present);
  }

  private ProgramModule result(String digest, FutureTask<ProgramModule> task) throws BadModule {
    try {
      return task.get();
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new BadModule("interrupted while compiling", interrupted);
    } catch (ExecutionException failed) {
      synchronized (byDigest) {
        byDigest.remove(digest, task);
      }
      Throwable cause = failed.getCause();
      if (cause instanceof BadModule bad) {
        throw new BadModule(String.valueOf(bad.getMessage()), bad);
      }
      if (cause instanceof WasmEngineException malformed) {
        throw new BadModule("not a runnable module: " + oneLine(malformed), malformed);
      }
      throw new BadModule("the module could not be compiled: " + cause, failed);
    }
  }

  private static ProgramModule compile(String digest, byte[] octets) throws BadModule {
    WasmModule module = Parser.parse(octets);
    ModuleLimits.check(module);
    MemoryShape shape = ModuleLimits.shape(module);
    CompiledCode code = CompiledCode.compile(module);
    FunctionNames names = new FunctionNames(module.nameSection());
    List<String> interpreted =
        code.interpreted().stream().sorted().limit(MAX_LISTED_FUNCTIONS).map(names::of).toList();
    LeanModule lean = new LeanModule(module, code.interpreted());
    return new ProgramModule(digest, shape, lean, code, names, interpreted);
  }

  private static String oneLine(WasmEngineException malformed) {
    String message = String.valueOf(malformed.getMessage());
    int end = message.indexOf('\n');
    return end < 0 ? message : message.substring(0, end);
  }

  private static String sha256(byte[] octets) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(octets));
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException(impossible);
    }
  }
}
