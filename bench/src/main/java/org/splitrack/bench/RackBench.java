package org.splitrack.bench;

import org.splitrack.bench.internal.BenchCommand;

/** {@code rack bench}. */
public final class RackBench {
  private RackBench() {}

  /** Measures what is named, or everything; exits with the command's code. */
  public static void main(String[] arguments) {
    System.exit(BenchCommand.run(arguments));
  }
}
