package org.splitrack.pcomponent.internal.wasi;

import static java.util.Objects.requireNonNull;

import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.LongSupplier;
import org.splitrack.fabric.ProcessId;

/**
 * The one place that every host call and every {@code memory.grow} of a program passes: here it is
 * numbered, counted, and refused when the process may have no effects any more. One object a
 * program thread, used by that thread only.
 */
public final class HostCallSeam {
  private final ProcessId process;
  private final int incarnation;
  private final HostThread thread;
  private final Gate gate;
  private final Counts counts;
  private long callNumber;

  public HostCallSeam(
      ProcessId process, int incarnation, HostThread thread, Gate gate, Counts counts) {
    this.process = process;
    this.incarnation = incarnation;
    this.thread = thread;
    this.gate = gate;
    this.counts = counts;
  }

  /**
   * Does the call, if it is admitted.
   *
   * @return what {@code effect} returns
   */
  public long pass(HostCall call, LongSupplier effect) {
    callNumber++;
    gate.admit(new Passage(process, incarnation, thread.number(), callNumber, call));
    counts.count(call);
    if (!call.staysInProgram()) {
      StackHeadroom.require();
    }
    if (call.leavesProgram()) {
      thread.beforeEffect(call.importName());
    }
    long result = effect.getAsLong();
    thread.checkStop();
    return result;
  }

  /**
   * One call.
   *
   * @param callNumber from 1 on, in the order of the thread's calls
   */
  public record Passage(
      ProcessId process, int incarnation, int thread, long callNumber, HostCall call) {}

  /** Decides whether a call may have its effect. */
  @FunctionalInterface
  public interface Gate {
    /** Throws, unwinding the thread, when the process is ending or its incarnation expelled. */
    void admit(Passage passage);
  }

  /** How often each call was made, by all threads of a process. Safe from any thread. */
  public static final class Counts {
    private final Map<HostCall, LongAdder> counts = new EnumMap<>(HostCall.class);

    public Counts() {
      for (HostCall call : HostCall.values()) {
        counts.put(call, new LongAdder());
      }
    }

    private void count(HostCall call) {
      requireNonNull(counts.get(call)).increment();
    }

    /** Calls of one kind. */
    public long of(HostCall call) {
      return requireNonNull(counts.get(call)).sum();
    }

    /** Calls of all kinds. */
    public long total() {
      return counts.values().stream().mapToLong(LongAdder::sum).sum();
    }
  }
}
