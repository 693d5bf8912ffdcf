package org.splitrack.manager.internal.authority;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import org.jspecify.annotations.Nullable;
import org.splitrack.fabric.ProcessId;
import org.splitrack.fabric.RegionId;

/** Rows of one start of the manager. Of ended processes it keeps the newest {@value #MAX_ENDED}. */
public final class InMemoryConfigStore implements ConfigStore {
  static final int MAX_ENDED = 10_000;

  private final ConcurrentSkipListMap<ProcessId, ProcessRow> processes =
      new ConcurrentSkipListMap<>();
  private final Map<RegionId, RegionConfig> regions = new ConcurrentHashMap<>();
  private final Map<ProcessId, Map<Integer, RegionConfig>> byProcess = new ConcurrentHashMap<>();
  private int ended;

  @Override
  public long term() {
    return 1;
  }

  @Override
  public Optional<ProcessRow> process(ProcessId process) {
    return Optional.ofNullable(processes.get(process));
  }

  @Override
  public Collection<ProcessRow> runningProcesses() {
    return processes.values().stream().filter(ProcessRow::isRunning).toList();
  }

  @Override
  public Collection<ProcessRow> processes() {
    return List.copyOf(processes.values());
  }

  @Override
  public synchronized boolean replaceProcess(@Nullable ProcessRow expected, ProcessRow next) {
    ProcessRow present = processes.get(next.process());
    if (present == null ? expected != null : !present.equals(expected)) {
      return false;
    }
    processes.put(next.process(), next);
    if (!next.isRunning() && (present == null || present.isRunning()) && ++ended > MAX_ENDED) {
      forgetOldestEnded();
    }
    return true;
  }

  private void forgetOldestEnded() {
    for (ProcessRow row : processes.values()) {
      if (!row.isRunning()) {
        processes.remove(row.process());
        ended--;
        return;
      }
    }
  }

  @Override
  public Optional<RegionConfig> region(RegionId region) {
    return Optional.ofNullable(regions.get(region));
  }

  @Override
  public synchronized List<RegionConfig> regionsOf(ProcessId process) {
    return byProcess.getOrDefault(process, Map.of()).values().stream()
        .sorted(Comparator.comparingInt(RegionConfig::index))
        .toList();
  }

  @Override
  public synchronized boolean replaceRegion(@Nullable RegionConfig expected, RegionConfig next) {
    RegionConfig present = regions.get(next.region());
    if (present == null ? expected != null : !present.equals(expected)) {
      return false;
    }
    regions.put(next.region(), next);
    byProcess
        .computeIfAbsent(next.process(), process -> new ConcurrentHashMap<>())
        .put(next.index(), next);
    return true;
  }

  @Override
  public synchronized boolean removeRegion(RegionConfig expected) {
    if (!regions.remove(expected.region(), expected)) {
      return false;
    }
    byProcess.computeIfPresent(
        expected.process(),
        (process, indexed) -> {
          indexed.remove(expected.index());
          return indexed.isEmpty() ? null : indexed;
        });
    return true;
  }
}
