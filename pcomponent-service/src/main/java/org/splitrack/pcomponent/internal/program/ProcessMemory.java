package org.splitrack.pcomponent.internal.program;

import org.splitrack.fabric.ProcessId;
import org.splitrack.fabric.memory.RegionTable;
import org.splitrack.pcomponent.internal.excache.Growth;
import org.splitrack.pcomponent.internal.excache.PageLinks;

/**
 * Where a process's memory is.
 *
 * @param growth reserves more of it; may be called again after a failure
 * @param regions what has been granted so far
 */
public record ProcessMemory(PageLinks links, Growth growth, RegionTable regions) {
  /** Gives every process its memory. Safe from any thread. */
  @FunctionalInterface
  public interface Source {
    /**
     * The memory of one process.
     *
     * @param onExpelled told when the manager says that this incarnation is no longer run
     */
    ProcessMemory open(ProcessId process, int incarnation, Runnable onExpelled);
  }
}
