package org.splitrack.manager.internal;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.splitrack.fabric.ProcessId;
import org.splitrack.fabric.control.ControlFault;
import org.splitrack.manager.internal.authority.ConfigStore;
import org.splitrack.manager.internal.authority.ProcessRow;
import org.splitrack.manager.internal.file.GlobalFiles;

/**
 * Gives back what ended processes had open, as soon as PostgreSQL takes it; at the manager's start
 * also what those of earlier starts had.
 */
final class OpenFiles {
  private static final Logger LOG = LoggerFactory.getLogger(OpenFiles.class);

  private final GlobalFiles files;
  private final ConfigStore store;
  private final Readiness readiness;
  private final Set<ProcessId> ended = ConcurrentHashMap.newKeySet();
  private boolean started;

  OpenFiles(GlobalFiles files, ConfigStore store, Readiness readiness) {
    this.files = files;
    this.store = store;
    this.readiness = readiness;
  }

  /** A process has ended; from any thread. */
  void ended(ProcessId process) {
    ended.add(process);
  }

  /** Always called by the same thread. */
  void step() {
    try {
      if (!started && !start()) {
        return;
      }
      for (ProcessId process : Set.copyOf(ended)) {
        files.holders().release(process);
        ended.remove(process);
      }
    } catch (ControlFault e) {
      LOG.debug("open files of ended processes are given back later: {}", e.getMessage());
    }
  }

  private boolean start() {
    if (!readiness.isThere(BackingServices.POSTGRES)) {
      return false;
    }
    files.holders().retainOnly(store.runningProcesses().stream().map(ProcessRow::process).toList());
    files.start();
    started = true;
    return true;
  }
}
