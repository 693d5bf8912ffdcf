package org.splitrack.manager.internal.process;

import java.util.Comparator;
import java.util.List;
import org.splitrack.fabric.ComponentId;

/** Which pComponent runs a new process: the one with the fewest, then the least load. Pure. */
public final class ProcessPlacement {
  private ProcessPlacement() {}

  /**
   * A pComponent on which something may be placed.
   *
   * @param running processes placed there that have not ended
   * @param load as it last reported
   */
  public record Candidate(ComponentId component, int running, double load) {}

  /** All candidates, best first. */
  public static List<Candidate> order(List<Candidate> candidates) {
    return candidates.stream()
        .sorted(
            Comparator.comparingInt(Candidate::running)
                .thenComparingDouble(Candidate::load)
                .thenComparing(Candidate::component))
        .toList();
  }
}
