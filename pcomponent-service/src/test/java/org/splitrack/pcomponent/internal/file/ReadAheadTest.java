package org.splitrack.pcomponent.internal.file;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ReadAheadTest {
  private static final int READ_BYTES = 4096;

  private final ReadAhead ahead = new ReadAhead();

  @Test
  void shouldFetchMoreAndMoreAheadOfReadsThatFollowEachOther() {
    long fetchedTo = 0;
    long longest = 0;
    for (long offset = 0; offset < 8 << 20; offset += READ_BYTES) {
      ReadAhead.Range range = ahead.before(offset, READ_BYTES);
      if (!range.isEmpty()) {
        assertThat(range.from()).isEqualTo(Math.max(fetchedTo, offset));
        fetchedTo = range.to();
        longest = Math.max(longest, range.to() - range.from());
      }
      assertThat(fetchedTo).isGreaterThan(offset + READ_BYTES);
      assertThat(fetchedTo - offset).isLessThanOrEqualTo(READ_BYTES + ReadAhead.MAX_WINDOW_BYTES);
    }
    assertThat(longest).isGreaterThanOrEqualTo(ReadAhead.MIN_WINDOW_BYTES);
  }

  @Test
  void shouldFetchNothingAheadOfReadsThatJump() {
    ahead.before(0, READ_BYTES);

    assertThat(ahead.before(10 << 20, READ_BYTES).isEmpty()).isTrue();
    assertThat(ahead.before(5 << 20, READ_BYTES).isEmpty()).isTrue();
    assertThat(ahead.runBlocks()).isEqualTo(1);

    assertThat(ahead.before((5 << 20) + READ_BYTES, READ_BYTES).isEmpty()).isFalse();
  }

  @Test
  void shouldNotFetchWithoutBoundForOneLongRead() {
    ReadAhead.Range range = ahead.before(0, 1L << 40);

    assertThat(range.to()).isLessThanOrEqualTo(2L * ReadAhead.MAX_WINDOW_BYTES);
  }
}
