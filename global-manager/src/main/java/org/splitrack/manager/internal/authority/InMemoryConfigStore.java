package org.splitrack.manager.internal.authority;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;
import org.splitrack.fabric.ProcessId;
import org.splitrack.fabric.RegionId;
import org.splitrack.fabric.region.ConfigChange;
import org.splitrack.fabric.region.RegionConfig;

/** Rows of one start of the manager. Of ended processes it keeps the newest {@value #MAX_ENDED}. */
public final class InMemoryConfigStore implements ConfigStore {
  static final int MAX_ENDED = 10_000;

  private final long term;
  private final ConcurrentSkipListMap<ProcessId, ProcessRow> processes =
      new ConcurrentSkipListMap<>();
  private final ConcurrentSkipListMap<RegionId, RegionConfig> regions =
      new ConcurrentSkipListMap<>();
  private final Map<ProcessId, Map<Integer, RegionConfig>> byProcess = new ConcurrentHashMap<>();
  private int ended;

  public InMemoryConfigStore() {
    this(1);
  }

  InMemoryConfigStore(long term) {
    this.term = term;
  }

  @Override
  public long term() {
    return term;
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
  public synchronized boolean addProcess(ProcessRow row) {
    if (processes.containsKey(row.process())) {
      return false;
    }
    put(row);
    return true;
  }

  @Override
  public synchronized boolean replaceProcess(ProcessRow expected, ProcessRow next) {
    if (next.incarnation() != expected.incarnation()) {
      throw new IllegalArgumentException("another incarnation expels the one before");
    }
    if (!expected.equals(processes.get(next.process()))) {
      return false;
    }
    put(next);
    return true;
  }

  @Override
  public synchronized Optional<List<RegionConfig>> expel(ProcessRow expected, ProcessRow next) {
    if (next.isRunning() && next.incarnation() <= expected.incarnation()) {
      throw new IllegalArgumentException(next + " does not expel " + expected);
    }
    if (!expected.equals(processes.get(next.process()))) {
      return Optional.empty();
    }
    List<RegionConfig> gone = regionsOf(next.process());
    gone.forEach(config -> regions.remove(config.region()));
    byProcess.remove(next.process());
    put(next);
    return Optional.of(gone);
  }

  /** Stores a row, whatever was there. */
  synchronized void put(ProcessRow row) {
    ProcessRow before = processes.put(row.process(), row);
    if (!row.isRunning() && (before == null || before.isRunning()) && ++ended > MAX_ENDED) {
      forgetOldestEnded();
    }
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
    List<RegionConfig> configs =
        new ArrayList<>(byProcess.getOrDefault(process, Map.of()).values());
    configs.sort(Comparator.comparingInt(RegionConfig::index));
    return Collections.unmodifiableList(configs);
  }

  @Override
  public Collection<RegionConfig> regions() {
    return List.copyOf(regions.values());
  }

  @Override
  public synchronized List<RegionConfig> reread(List<RegionId> numbers) {
    return numbers.stream().map(this::region).flatMap(Optional::stream).toList();
  }

  @Override
  public synchronized boolean addRegions(List<RegionConfig> configs, String reason) {
    for (RegionConfig config : configs) {
      if (regions.containsKey(config.region())
          || byProcess.getOrDefault(config.process(), Map.of()).containsKey(config.index())) {
        return false;
      }
    }
    configs.forEach(this::put);
    return true;
  }

  @Override
  public synchronized boolean change(List<ConfigChange> changes) {
    for (ConfigChange change : changes) {
      if (!change.expected().equals(regions.get(change.next().region()))) {
        return false;
      }
    }
    changes.forEach(change -> put(change.next()));
    return true;
  }

  /** Stores a row, whatever was there. */
  synchronized void put(RegionConfig config) {
    regions.put(config.region(), config);
    byProcess
        .computeIfAbsent(config.process(), process -> new HashMap<>())
        .put(config.index(), config);
  }

  /** Removes a row, whatever it says. */
  synchronized void remove(RegionId region) {
    RegionConfig before = regions.remove(region);
    if (before != null) {
      byProcess.computeIfPresent(
          before.process(),
          (process, indexed) -> {
            indexed.remove(before.index());
            return indexed.isEmpty() ? null : indexed;
          });
    }
  }
}
