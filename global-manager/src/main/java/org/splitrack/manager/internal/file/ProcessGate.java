package org.splitrack.manager.internal.file;

import org.splitrack.fabric.ProcessId;

/** Says which process incarnations may have effects. Safe from any thread. */
@FunctionalInterface
public interface ProcessGate {
  /** False: it was expelled, or is not known. */
  boolean admits(ProcessId process, int incarnation);
}
