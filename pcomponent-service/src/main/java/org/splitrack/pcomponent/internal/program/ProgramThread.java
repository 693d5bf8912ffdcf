package org.splitrack.pcomponent.internal.program;

import java.util.List;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.splitrack.pcomponent.internal.excache.ProgramStopped;
import org.splitrack.pcomponent.internal.wasi.HostCall;
import org.splitrack.pcomponent.internal.wasi.HostCallSeam;
import org.splitrack.pcomponent.internal.wasi.HostThread;
import org.splitrack.pcomponent.internal.wasi.WasiFunctions;
import org.splitrack.pcomponent.internal.wasm.PagedMemory;
import run.endive.runtime.HostFunction;
import run.endive.runtime.Instance;
import run.endive.wasm.UnlinkableException;
import run.endive.wasm.types.FunctionType;
import run.endive.wasm.types.ValType;

/** One thread of a program, on a platform thread of its own, with its instance and its seam. */
final class ProgramThread implements HostThread {
  static final String START = "_start";
  static final String THREAD_START = "wasi_thread_start";

  private static final ScopedValue<ProgramThread> CURRENT = ScopedValue.newInstance();

  private final ProgramProcess process;
  private final int number;
  private final HostCallSeam seam;
  private @Nullable PagedMemory memory;
  private boolean away;

  ProgramThread(ProgramProcess process, int number) {
    this.process = process;
    this.number = number;
    this.seam = process.seam(this);
  }

  /** Passes the seam of the calling program thread; on another thread there is none to pass. */
  static boolean passIfProgram(HostCall call, LongSupplier effect) {
    ProgramThread current = CURRENT.isBound() ? CURRENT.get() : null;
    long result = current == null ? effect.getAsLong() : current.seam.pass(call, effect);
    return result != 0;
  }

  @Override
  public int number() {
    return number;
  }

  @Override
  public void checkStop() {
    process.checkStop();
  }

  @Override
  public void beforeEffect(String what) {
    EffectGate gate = process.effects();
    if (gate.isOpen()) {
      return;
    }
    awayFromProgram();
    try {
      gate.pass(what);
    } finally {
      backToProgram();
    }
  }

  @Override
  public void awayFromProgram() {
    PagedMemory view = memory;
    if (view != null) {
      view.enterBlocked();
      away = true;
    }
  }

  /**
   * Also where a thread may be back already: an exception out of coming back for a copy, within a
   * wait, unwinds through the wait's own end.
   */
  @Override
  public void backToProgram() {
    PagedMemory view = memory;
    if (away && view != null) {
      away = false;
      view.leaveBlocked();
    }
  }

  /** Runs the program from {@value #START}. */
  void runFirst(ProgramSetting setting) {
    run(
        PagedMemory.open(setting.space()),
        view -> {
          Instance instance = setting.module().instantiate(view, functions(setting, view));
          requireType(instance, START, FunctionType.of(List.of(), List.of()));
          instance.export(START).apply();
        });
  }

  /** Runs a further thread from {@value #THREAD_START}. */
  void runSpawned(ProgramSetting setting, int argument) {
    run(
        PagedMemory.openForThread(setting.space()),
        view -> {
          Instance instance = setting.module().instantiateThread(view, functions(setting, view));
          requireType(
              instance,
              THREAD_START,
              FunctionType.of(List.of(ValType.I32, ValType.I32), List.of()));
          instance.export(THREAD_START).apply(number, argument);
        });
  }

  private static void requireType(Instance instance, String export, FunctionType type) {
    if (!type.equals(instance.exportType(export))) {
      throw new UnlinkableException(export + " has not the signature that WASI gives it");
    }
  }

  private interface Body {
    void run(PagedMemory view);
  }

  private void run(PagedMemory opened, Body body) {
    try (PagedMemory view = opened) {
      memory = view;
      ScopedValue.where(CURRENT, this).run(() -> body.run(view));
    } finally {
      memory = null;
    }
  }

  private List<HostFunction> functions(ProgramSetting setting, PagedMemory view) {
    WasiFunctions wasi = new WasiFunctions(this, new PagedGuestMemory(view), setting.context());
    return ProgramImports.bind(setting.module(), call -> function(call, wasi));
  }

  private ProgramImports.Body function(HostCall call, WasiFunctions wasi) {
    return switch (call) {
      case THREAD_SPAWN -> parameters -> seam.pass(call, () -> process.spawn((int) parameters[0]));
      case MEMORY_GROW -> throw new IllegalArgumentException("memory.grow is no import");
      default -> parameters -> seam.pass(call, () -> wasi.call(call, parameters).code());
    };
  }

  /** Unwinds a thread of a process that is ending. */
  static ProgramStopped stopped(EndCause cause) {
    return new ProgramStopped(cause.reason() == null ? cause.state() : cause.reason());
  }
}
