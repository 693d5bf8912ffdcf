package org.splitrack.bench;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import org.junit.jupiter.api.Test;

class SamplesTest {
  @Test
  void shouldTakeTheMiddleOfAnOddNumberAndTheMeanOfTheMiddleTwoOfAnEvenOne() {
    assertThat(Samples.of(9, 1, 5).median()).isEqualTo(5);
    assertThat(Samples.of(1, 9, 3, 5).median()).isEqualTo(4);
  }

  @Test
  void shouldGiveAnIntervalThatIsNarrowerForMoreSamples() {
    Samples few = new Samples();
    Samples many = new Samples();
    for (int i = 0; i < 10; i++) {
      few.add(i);
    }
    for (int i = 0; i < 1000; i++) {
      many.add(i / 100.0);
    }

    assertThat(few.interval95()[1] - few.interval95()[0])
        .isGreaterThan(many.interval95()[1] - many.interval95()[0]);
  }

  @Test
  void shouldMultiplyRatiosForTheGeometricMean() {
    assertThat(Samples.of(2, 0.5).geometricMean()).isEqualTo(1, within(1e-12));
  }

  @Test
  void shouldJudgeARatioByItsPairsAndNotByItsMedians() {
    PairedSamples pairs = new PairedSamples();
    pairs.add(10, 10);
    pairs.add(20, 20);
    pairs.add(33, 30);

    BenchRow row = BenchRow.paired("x", "ms", pairs, "bare", 1.0, BenchRow.Better.LOWER);

    assertThat(row.ratio()).isEqualTo(1.0);
    assertThat(row.holds()).isTrue();
  }

  @Test
  void shouldSayThatABoundDoesNotHold() {
    BenchRow row = BenchRow.absolute("x", "bytes", Samples.of(1), 0.0, BenchRow.Better.LOWER);

    assertThat(row.holds()).isFalse();
  }
}
