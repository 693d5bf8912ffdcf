package org.splitrack.manager.internal.report;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.splitrack.fabric.ComponentId;
import org.splitrack.fabric.ProcessId;

/**
 * Which event of a running process, or of a component, the next one follows from. Safe from any
 * thread.
 */
public final class EventLinks {
  private final Map<ProcessId, Long> newest = new ConcurrentHashMap<>();
  private final Map<ComponentId, Long> newestOfComponents = new ConcurrentHashMap<>();

  public void follow(ProcessId process, long event) {
    newest.put(process, event);
  }

  public @Nullable Long ofProcess(ProcessId process) {
    return newest.get(process);
  }

  public void forget(ProcessId process) {
    newest.remove(process);
  }

  public void follow(ComponentId component, long event) {
    newestOfComponents.put(component, event);
  }

  /** What follows for processes and regions on a component is caused by it. */
  public @Nullable Long ofComponent(ComponentId component) {
    return newestOfComponents.get(component);
  }
}
