package org.splitrack.manager.internal.authority;

import java.util.List;
import org.splitrack.fabric.control.ControlFault;

/** Keeps migrations over a change of the manager. Safe from any thread. */
public interface MigrationLog {
  /**
   * Stores the newest state of a migration.
   *
   * @throws ControlFault UNAVAILABLE
   */
  void put(MigrationTask task);

  /**
   * Those that an earlier leader did not see the end of.
   *
   * @throws ControlFault UNAVAILABLE
   */
  List<MigrationTask> open();
}
