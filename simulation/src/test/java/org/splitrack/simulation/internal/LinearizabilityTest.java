package org.splitrack.simulation.internal;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class LinearizabilityTest {
  private static final long SEED = Long.getLong("splitrack.simulation.firstSeed", 1);

  @Test
  void shouldTakeReadsThatFollowTheWrites() {
    assertThat(
            Linearizability.holds(
                List.of(read(0, 0, 1), write(7, 2, 5), read(7, 6, 7), read(7, 8, 9))))
        .isTrue();
  }

  @Test
  void shouldRefuseAReadOfWhatWasOverwritten() {
    assertThat(Linearizability.holds(List.of(write(7, 0, 1), write(8, 2, 3), read(7, 4, 5))))
        .isFalse();
  }

  @Test
  void shouldRefuseAReadOfWhatNobodyWrote() {
    assertThat(Linearizability.holds(List.of(write(7, 0, 1), read(9, 2, 3)))).isFalse();
  }

  @Test
  void shouldTakeConcurrentWritesInTheOrderOfTheirCalls() {
    assertThat(Linearizability.holds(List.of(write(7, 0, 9), write(8, 1, 8), read(7, 2, 11))))
        .isTrue();
    assertThat(Linearizability.holds(List.of(write(7, 0, 9), write(8, 1, 8), read(7, 10, 11))))
        .isFalse();
    assertThat(Linearizability.holds(List.of(write(7, 0, 9), write(8, 1, 8), read(8, 10, 11))))
        .isTrue();
  }

  @Test
  void shouldRefuseAReadThatGoesBackWhileTheWriteIsStillOpen() {
    assertThat(Linearizability.holds(List.of(write(7, 0, 20), read(7, 1, 2), read(0, 3, 4))))
        .isFalse();
    assertThat(Linearizability.holds(List.of(write(7, 0, 20), read(0, 1, 2), read(7, 3, 4))))
        .isTrue();
  }

  @Test
  void shouldRefuseAReadOfWhatIsOnlyWrittenLater() {
    assertThat(Linearizability.holds(List.of(read(7, 0, 1), write(7, 2, 3)))).isFalse();
  }

  @Test
  void shouldRefuseAReadThatGoesBackAmongConcurrentWrites() {
    assertThat(
            Linearizability.holds(
                List.of(write(7, 0, 20), write(8, 1, 21), read(8, 2, 3), read(7, 4, 5))))
        .isFalse();
  }

  @Test
  void shouldLetAnUnansweredWriteHaveHappenedOrNot() {
    History.Entry open = write(7, 0, History.NEVER);
    assertThat(Linearizability.holds(List.of(open, read(7, 1, 2), read(7, 3, 4)))).isTrue();
    assertThat(Linearizability.holds(List.of(open, read(0, 1, 2), read(0, 3, 4)))).isTrue();
    assertThat(Linearizability.holds(List.of(open, read(7, 1, 2), read(0, 3, 4)))).isFalse();
  }

  /** Histories of a register that takes each operation at one moment within it. */
  @Test
  void shouldAcceptWhateverARegisterDoes() {
    SplittableRandom random = new SplittableRandom(SEED);
    for (int round = 0; round < 200; round++) {
      List<History.Entry> history = new ArrayList<>();
      long value = 0;
      long calledUs = -100;
      for (int i = 1; i <= 60; i++) {
        long momentUs = i * 10L;
        boolean write = random.nextBoolean();
        value = write ? i : value;
        long fromUs = momentUs - random.nextInt(1, 60);
        // The writer is one.
        calledUs = write ? Math.max(calledUs, fromUs) : calledUs;
        history.add(
            entry(write, value, write ? calledUs : fromUs, momentUs + random.nextInt(1, 60)));
      }
      assertThat(Linearizability.holds(history)).as("seed=%d round=%d", SEED, round).isTrue();
    }
  }

  private static History.Entry write(long value, long from, long to) {
    return entry(true, value, from, to);
  }

  private static History.Entry read(long value, long from, long to) {
    return entry(false, value, from, to);
  }

  private static History.Entry entry(boolean write, long value, long from, long to) {
    History.Entry entry = new History.Entry(write, value, from);
    entry.returnedUs = to;
    return entry;
  }
}
