package org.splitrack.manager.internal.pod;

import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What a change of a pod means for the rack. */
sealed interface PodNews {
  /** A pod that has just got its node: its component will register when it has started. */
  record Starting(PodView pod) implements PodNews {}

  /** It has been told to end; the component goes on until it may stop. */
  record Leaving(PodView pod) implements PodNews {}

  /**
   * The component may be gone.
   *
   * @param why one clause
   */
  record Doubt(PodView pod, String why) implements PodNews {}

  /**
   * What is new.
   *
   * @param before null: it was not there
   * @param now null: it is no longer there
   */
  static Optional<PodNews> between(@Nullable PodView before, @Nullable PodView now) {
    if (now == null) {
      return before == null
          ? Optional.empty()
          : Optional.of(new Doubt(before, "its pod was deleted"));
    }
    boolean placed = !now.node().isEmpty();
    if (placed && !now.ready() && !now.leaving() && (before == null || before.node().isEmpty())) {
      return Optional.of(new Starting(now));
    }
    if (now.leaving() && (before == null || !before.leaving())) {
      return Optional.of(new Leaving(now));
    }
    if (before == null) {
      return Optional.empty();
    }
    if (now.restarts() > before.restarts()) {
      return Optional.of(new Doubt(now, "its container has ended"));
    }
    if (before.ready() && !now.ready() && !now.leaving()) {
      return Optional.of(new Doubt(now, "its pod is not ready"));
    }
    return Optional.empty();
  }
}
