package org.splitrack.manager.internal.authority;

import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.splitrack.fabric.ProcessId;
import org.splitrack.fabric.RegionId;

/**
 * The rows that decide: which process runs where, and who serves a region. Changed by
 * compare-and-set only, so that of two who decide at once one learns that it came too late. Safe
 * from any thread.
 */
public interface ConfigStore {
  /** Number of the leadership under which this manager decides. */
  long term();

  Optional<ProcessRow> process(ProcessId process);

  /** Rows that have not ended. */
  Collection<ProcessRow> runningProcesses();

  /** All rows still kept, ended ones included, by number. */
  Collection<ProcessRow> processes();

  /** Stores {@code next} if the row is still {@code expected} (null: if there is none). */
  boolean replaceProcess(@Nullable ProcessRow expected, ProcessRow next);

  Optional<RegionConfig> region(RegionId region);

  /** In order of their index. */
  List<RegionConfig> regionsOf(ProcessId process);

  /** Stores {@code next} if the row is still {@code expected} (null: if there is none). */
  boolean replaceRegion(@Nullable RegionConfig expected, RegionConfig next);

  /** Removes the row if it is still {@code expected}. */
  boolean removeRegion(RegionConfig expected);
}
