package org.splitrack.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;

/**
 * A program that stores all the time, verifies all that it stored, and ends at once when something
 * is wrong; in two copies, with a quarter of its memory cached. It has so little of it that it goes
 * through all in a moment, and it goes on until it is stopped.
 */
final class BusyProgram implements AutoCloseable {
  private static final String[] PROGRAM = {Rack.example("testbed/memcheck"), "2M", "10000", "7"};
  private static final int STOPPED = 143;

  /** In which it goes through all its memory once more. */
  private static final int ONCE_MORE_S = 5;

  private final Rack rack;
  private final RunningProgram program;

  private BusyProgram(Rack rack, RunningProgram program) {
    this.rack = rack;
    this.program = program;
  }

  /** Returns when it stores, and all its regions have two copies. */
  static BusyProgram start(Rack rack) {
    return new BusyProgram(rack, RunningProgram.startProtected(rack, PROGRAM));
  }

  String process() {
    return program.process();
  }

  String component() {
    return program.component();
  }

  void assertRuns(String when) {
    program.assertRuns(when);
  }

  /** Lets it verify once more, and ends it. */
  void assertRight() {
    rack.awaitRow(
        """
        SELECT 1 FROM api.regions r JOIN api.components c ON c.component = r.home
         WHERE c.load > 0 AND r.process = %s
        """
            .formatted(process()));
    try {
      TimeUnit.SECONDS.sleep(ONCE_MORE_S);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
    assertRuns("to its end");
    rack.succeed("stop", process());
    Rack.Outcome end = program.end();
    assertThat(end.exitCode()).as(end.out() + end.err()).isEqualTo(STOPPED);
  }

  @Override
  public void close() {
    program.destroy();
  }
}
