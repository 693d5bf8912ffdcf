package org.splitrack.fabric.testkit;

import java.util.ArrayList;
import java.util.List;
import org.splitrack.fabric.report.StateChange;
import org.splitrack.fabric.report.StateReporter;

/** Keeps what is reported, for tests to look at. Thread-safe. */
public final class RecordingStateReporter implements StateReporter {
  private final List<StateChange> changes = new ArrayList<>();

  @Override
  public synchronized long report(StateChange change) {
    changes.add(change);
    return changes.size();
  }

  @Override
  public synchronized long flush(long timeoutMs) {
    return changes.size();
  }

  /** All of them, oldest first. */
  public synchronized List<StateChange> changes() {
    return List.copyOf(changes);
  }

  /** Those of one kind, oldest first. */
  public <T extends StateChange> List<T> changes(Class<T> kind) {
    return changes().stream().filter(kind::isInstance).map(kind::cast).toList();
  }
}
