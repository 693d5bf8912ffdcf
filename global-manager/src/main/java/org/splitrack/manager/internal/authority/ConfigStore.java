package org.splitrack.manager.internal.authority;

import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.splitrack.fabric.ProcessId;
import org.splitrack.fabric.RegionId;
import org.splitrack.fabric.region.ConfigChange;
import org.splitrack.fabric.region.RegionConfig;

/**
 * The rows that decide: which process runs where, and who holds a region. Changed by
 * compare-and-set only, so that of two who decide at once one learns that it came too late; what
 * was changed is there after any kill. Safe from any thread.
 *
 * <p>Everything fails as UNAVAILABLE while this manager does not lead. A change also does when the
 * authority does not answer within a limit; it may have been made then, and repeating it says so.
 */
public interface ConfigStore {
  /** Number of the leadership under which this manager decides; 0 while it does not. */
  long term();

  /** Whether rows can be read and changed. */
  default boolean leads() {
    return term() != 0;
  }

  Optional<ProcessRow> process(ProcessId process);

  /** Rows that have not ended. */
  Collection<ProcessRow> runningProcesses();

  /** All rows still kept, ended ones included, by number. */
  Collection<ProcessRow> processes();

  /** Stores the row of a new process; false if there is one of that number already. */
  boolean addProcess(ProcessRow row);

  /** Stores {@code next} of the same incarnation if the row is still {@code expected}. */
  boolean replaceProcess(ProcessRow expected, ProcessRow next);

  /**
   * Ends the incarnation of {@code expected} if that is still the row: {@code next} has ended or is
   * a higher incarnation, and all regions of the process go in the same transaction.
   *
   * @return the regions that went; empty when the row was another
   */
  Optional<List<RegionConfig>> expel(ProcessRow expected, ProcessRow next);

  Optional<RegionConfig> region(RegionId region);

  /** In order of their index. */
  List<RegionConfig> regionsOf(ProcessId process);

  /** All, by number. */
  Collection<RegionConfig> regions();

  /** Reads rows again that may have changed without an answer. */
  List<RegionConfig> reread(List<RegionId> regions);

  /** Stores the rows of new regions, all in one transaction, or none. */
  boolean addRegions(List<RegionConfig> configs, String reason);

  /**
   * Makes all changes in one transaction, each on (region, epoch, term, reserved pages), or none.
   */
  boolean change(List<ConfigChange> changes);
}
