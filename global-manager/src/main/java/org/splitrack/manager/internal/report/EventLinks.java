package org.splitrack.manager.internal.report;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.splitrack.fabric.ProcessId;

/** Which event of a running process the next one follows from. Safe from any thread. */
public final class EventLinks {
  private final Map<ProcessId, Long> newest = new ConcurrentHashMap<>();

  public void follow(ProcessId process, long event) {
    newest.put(process, event);
  }

  public @Nullable Long ofProcess(ProcessId process) {
    return newest.get(process);
  }

  public void forget(ProcessId process) {
    newest.remove(process);
  }
}
