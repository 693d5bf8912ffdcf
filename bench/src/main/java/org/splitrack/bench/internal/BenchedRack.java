package org.splitrack.bench.internal;

import java.nio.file.Path;
import java.util.function.Consumer;

/**
 * What a benchmark works on.
 *
 * @param programs runs programs on it
 * @param examples the folder of example programs
 * @param progress takes one line at a time, for a person who waits
 */
record BenchedRack(RackPrograms programs, Path examples, Consumer<String> progress) {
  Path example(String name) {
    return examples.resolve(name + ".wasm");
  }
}
