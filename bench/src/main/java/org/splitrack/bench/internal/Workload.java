package org.splitrack.bench.internal;

import java.io.IOException;
import java.util.List;
import java.util.Map;

/**
 * A program with the arguments that a benchmark gives it.
 *
 * @param name of the module in the folder of examples
 */
record Workload(String name, List<String> arguments) {
  /** The eight Phoenix workloads, small enough for five rounds of everything in two minutes. */
  static final List<Workload> PHOENIX =
      List.of(
          new Workload("word_count", List.of("--size", "20M")),
          new Workload("histogram", List.of("--size", "32M")),
          new Workload("linear_regression", List.of("--size", "40M")),
          new Workload("kmeans", List.of("--points", "256K")),
          new Workload(
              "matrix_multiply", List.of("--rows", "1408", "--inner", "256", "--columns", "1408")),
          new Workload("pca", List.of("--rows", "64", "--columns", "98304")),
          new Workload("string_match", List.of("--size", "24M")),
          new Workload("reverse_index", List.of("--size", "12M")));

  /** Loads and stores of every width in random order, all pages cached. */
  static final Workload RANDOM_ACCESS = new Workload("testbed/memcheck", List.of("16M", "2", "1"));

  RackPrograms.Run onRack(BenchedRack rack, Map<String, ?> settings) throws IOException {
    return rack.programs().run(rack.example(name), arguments, settings);
  }

  PlainRunner onPlainMemory(BenchedRack rack) throws IOException {
    return new PlainRunner(rack.example(name), arguments);
  }

  void requireEqual(long oneChecksum, long otherChecksum) {
    if (oneChecksum != otherChecksum) {
      throw new IllegalStateException(name + " computed different results");
    }
  }
}
