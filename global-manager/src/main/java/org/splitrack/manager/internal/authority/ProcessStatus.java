package org.splitrack.manager.internal.authority;

import java.util.Locale;

/** How a process stands. */
public enum ProcessStatus {
  RUNNING,
  /** It ended by itself, with a code of its own. */
  EXITED,
  /** A trap, a module that cannot run, or the death of its pComponent. */
  FAILED,
  /** Memory of it was lost, or the rack was started anew. */
  LOST,
  STOPPED;

  /** As the tables and the API show it. */
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * Reads what a pComponent says of an ended process.
   *
   * @throws IllegalArgumentException for anything but {@code exited}, {@code failed}, {@code lost}
   *     or {@code stopped}
   */
  public static ProcessStatus ofEnded(String text) {
    for (ProcessStatus status : values()) {
      if (status != RUNNING && status.text().equals(text)) {
        return status;
      }
    }
    throw new IllegalArgumentException("'" + text + "' is no state of an ended process");
  }
}
