package org.splitrack.e2e;

import static org.assertj.core.api.Assertions.assertThat;

/** A program that stores all the time and verifies every byte, for half a minute or so. */
final class Memcheck {
  static final String[] PROGRAM = program(24);

  private Memcheck() {}

  /** The same for as many rounds, each of a second or so. */
  static String[] program(int rounds) {
    return new String[] {Rack.example("testbed/memcheck"), "24M", Integer.toString(rounds), "7"};
  }

  /** It has read all that it had written. */
  static void assertRight(Rack.Outcome end) {
    assertThat(end.exitCode()).as(shown(end)).isZero();
    assertThat(end.out().strip()).endsWith("ok");
  }

  /** It has read something else than it had written. */
  static void assertFindsLoss(Rack.Outcome end) {
    assertThat(end.exitCode()).as(shown(end)).isEqualTo(1);
    assertThat(end.out()).startsWith("wrong: ");
  }

  private static String shown(Rack.Outcome end) {
    return end.out() + end.err();
  }
}
