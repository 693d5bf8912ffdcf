package org.splitrack.manager.internal.authority;

import java.util.List;
import org.splitrack.fabric.control.ControlFault;

/** Keeps migrations over a change of the manager. Safe from any thread. */
public interface MigrationLog {
  /**
   * Stores the newest states of migrations, all or none.
   *
   * @param tasks of different migrations
   * @throws ControlFault UNAVAILABLE
   */
  void put(List<MigrationTask> tasks);

  /**
   * Those that an earlier leader did not see the end of.
   *
   * @throws ControlFault UNAVAILABLE
   */
  List<MigrationTask> open();

  /**
   * Those that are over, the newest first.
   *
   * @param limit how many at most
   * @throws ControlFault UNAVAILABLE
   */
  List<MigrationTask> ended(int limit);
}
