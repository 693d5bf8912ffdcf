package org.splitrack.simulation;

import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.splitrack.simulation.internal.Coverage;
import org.splitrack.simulation.internal.Plant;
import org.splitrack.simulation.internal.Rack;
import org.splitrack.simulation.internal.Violation;

/** Runs seeds of the simulated memory plane; each is a rack of its own and a story of its own. */
public final class Simulation {
  private final Plant plant;
  private final Coverage coverage = new Coverage();

  /**
   * Simulates with a planted bug.
   *
   * @param plant NONE for the protocol as it is
   */
  public Simulation(Plant plant) {
    this.plant = plant;
  }

  /**
   * What became of a seed.
   *
   * @param violation the promise that was broken
   * @param traceHash the same for every run of the seed on the same code
   * @param bereft regions whose last copy was killed, which is not a violation
   */
  public record Outcome(
      long seed,
      Optional<String> violation,
      long traceHash,
      long events,
      long operations,
      int kills,
      int migrations,
      int bereft) {}

  public Outcome run(long seed) {
    return run(seed, null);
  }

  /**
   * Runs a seed.
   *
   * @param reader is given a line for everything that happens
   */
  public Outcome run(long seed, @Nullable Consumer<String> reader) {
    Rack rack = new Rack(seed, plant, coverage, reader);
    Optional<String> violation = Optional.empty();
    try {
      rack.run();
    } catch (Violation broken) {
      violation = Optional.ofNullable(broken.getMessage());
    } catch (RuntimeException defect) {
      violation = Optional.of("it failed: " + defect);
    }
    return new Outcome(
        seed,
        violation,
        rack.hash(),
        rack.events(),
        rack.operations(),
        rack.kills(),
        rack.migrations(),
        rack.bereft());
  }

  /** What no seed so far has done to a kind of message. */
  public List<String> uncovered() {
    return coverage.uncovered();
  }
}
