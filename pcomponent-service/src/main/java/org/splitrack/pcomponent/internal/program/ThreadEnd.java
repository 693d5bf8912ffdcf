package org.splitrack.pcomponent.internal.program;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.splitrack.fabric.memory.MemoryFault;
import org.splitrack.pcomponent.internal.excache.MemoryRefused;
import org.splitrack.pcomponent.internal.excache.ProgramStopped;
import org.splitrack.pcomponent.internal.file.FileFault;
import org.splitrack.pcomponent.internal.wasi.ProgramExit;
import org.splitrack.pcomponent.internal.wasi.ProgramSignal;
import org.splitrack.pcomponent.internal.wasm.BadModule;
import org.splitrack.pcomponent.internal.wasm.ProgramModule;
import run.endive.wasm.UnlinkableException;
import run.endive.wasm.WasmEngineException;

/** What it means for a process that something was thrown out of one of its threads. */
final class ThreadEnd {
  private static final Logger LOG = LoggerFactory.getLogger(ThreadEnd.class);

  /** How the compiler names the method of a function. */
  private static final Pattern FUNCTION_METHOD = Pattern.compile("func_(\\d+)");

  private ThreadEnd() {}

  /**
   * Finds the cause.
   *
   * @param module what ran, null when it was not loaded yet
   * @param memoryFailure why the process's memory is poisoned, if it is
   */
  static EndCause causeOf(
      Throwable thrown, @Nullable ProgramModule module, @Nullable Throwable memoryFailure) {
    // The page path poisons the memory for it too, but it is the program's fault.
    if (memoryFailure instanceof StackOverflowError overflow) {
      return EndCause.trapped(at("call stack exhausted", overflow, module));
    }
    if (memoryFailure instanceof MemoryFault fault && fault.isLost()) {
      return EndCause.lost(lineOf(fault));
    }
    if (memoryFailure != null) {
      return EndCause.rackFailed("the program's memory failed: " + lineOf(memoryFailure));
    }
    return switch (thrown) {
      case ProgramExit exit -> EndCause.exited(exit.exitCode());
      case ProgramSignal signal -> EndCause.signalled(signal.number());
      case ProgramStopped stopped -> EndCause.stopped(lineOf(stopped));
      case BadModule bad -> EndCause.notRunnable(lineOf(bad));
      case UnlinkableException unlinkable ->
          EndCause.notRunnable("the module cannot be linked: " + lineOf(unlinkable));
      case MemoryRefused refused -> EndCause.rackFailed(lineOf(refused));
      case FileFault fault -> EndCause.rackFailed("its files: " + lineOf(fault));
      case MemoryFault fault ->
          EndCause.rackFailed("the program's memory failed: " + lineOf(fault));
      case StackOverflowError overflow ->
          EndCause.trapped(at("call stack exhausted", overflow, module));
      case WasmEngineException trap -> EndCause.trapped(at(lineOf(trap), trap, module));
      case OutOfMemoryError heap ->
          EndCause.rackFailed(
              "the pComponent has no heap left for the program (" + lineOf(heap) + ")");
      default -> {
        LOG.error("a program thread failed", thrown);
        yield EndCause.rackFailed("the pComponent failed: " + lineOf(thrown));
      }
    };
  }

  private static String at(String line, Throwable trap, @Nullable ProgramModule module) {
    if (module != null) {
      for (Throwable from = trap; from != null; from = from.getCause()) {
        for (StackTraceElement element : from.getStackTrace()) {
          Matcher function = FUNCTION_METHOD.matcher(element.getMethodName());
          if (function.matches()) {
            return line + " in " + module.functionName(Integer.parseInt(function.group(1)));
          }
        }
      }
    }
    return line;
  }

  private static String lineOf(Throwable thrown) {
    String message = thrown.getMessage();
    if (message == null || message.isBlank()) {
      return thrown.getClass().getSimpleName();
    }
    return message.lines().findFirst().orElse(message);
  }
}
