package org.splitrack.bench.internal;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.splitrack.bench.BenchRow;

/** One name of {@code rack bench}; done within 120 s on two cores. */
interface Benchmark {
  String name();

  /** Where it can be measured. */
  default Set<Site> sites() {
    return Set.of(Site.MACHINE);
  }

  /** Whether it measures the rack that it is given, and none that it makes itself. */
  default boolean usesTheRack() {
    return true;
  }

  /** What is missing for it here, in one line that says what it needs. */
  default Optional<String> lacks(BenchedRack rack) throws InterruptedException {
    return Optional.empty();
  }

  /** What a rack runs on. */
  enum Site {
    MACHINE,
    CLUSTER
  }

  /** Measures. Says on the progress stream what it is at. */
  List<BenchRow> measure(BenchedRack rack) throws IOException, InterruptedException;
}
