package org.splitrack.pcomponent.internal.program;

import org.splitrack.fabric.ProcessId;
import org.splitrack.pcomponent.internal.excache.ProgramStopped;

/**
 * Where everything that leaves a process has to pass: output, and changes of files. Shut while it
 * is not certain that the rack still runs this incarnation of the process, or while it would run it
 * again. Safe from any thread.
 */
public interface EffectGate {
  /** One that is always open. */
  EffectGate OPEN =
      new EffectGate() {
        @Override
        public boolean isOpen() {
          return true;
        }

        @Override
        public void pass(String what) {}
      };

  /** Whether {@link #pass} returns at once. */
  boolean isOpen();

  /**
   * Returns when the effect may be had.
   *
   * @param what one clause: {@code output}
   * @throws ProgramStopped when it may not: the process ends
   */
  void pass(String what);

  /** Gives every process its gate. */
  @FunctionalInterface
  interface Source {
    /**
     * The gate of one process.
     *
     * @param announces the rack must know before anything leaves the process for the first time
     * @param onExpelled told when the manager says that this incarnation is no longer run
     */
    EffectGate open(ProcessId process, int incarnation, boolean announces, Runnable onExpelled);
  }
}
