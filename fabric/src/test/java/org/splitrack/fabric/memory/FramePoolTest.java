package org.splitrack.fabric.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.splitrack.fabric.PageGeometry.PAGE_BYTES;

import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Scanner;
import org.junit.jupiter.api.Test;

class FramePoolTest {
  /** A little over 2 GiB. */
  private static final int LARGE = (1 << 19) + 8;

  @Test
  void shouldReachFramesBeyondTwoGibibytesWithoutTouchingTheRest() throws IOException {
    long residentBefore = residentBytes();
    try (FramePool pool = new FramePool(LARGE)) {
      FramePool.Views views = pool.views();

      views.of(LARGE - 1).putLong(views.of(LARGE - 1).position() + 8, 42);

      assertThat(pool.memory().get(ValueLayout.JAVA_LONG, (long) (LARGE - 1) * PAGE_BYTES + 8))
          .isEqualTo(42);
      assertThat(residentBytes() - residentBefore).isLessThan(256L << 20);
    }
  }

  @Test
  void shouldHandOutZeroedPageAlignedFrames() {
    try (FramePool pool = new FramePool(3)) {
      ByteBuffer frame = pool.views().of(2);

      assertThat(pool.address(2) % PAGE_BYTES).isZero();
      assertThat(frame.remaining()).isEqualTo(PAGE_BYTES);
      while (frame.hasRemaining()) {
        assertThat(frame.get()).isZero();
      }
    }
  }

  @Test
  void shouldRefuseAPoolWithoutFrames() {
    assertThatThrownBy(() -> new FramePool(0)).isInstanceOf(IllegalArgumentException.class);
  }

  private static long residentBytes() throws IOException {
    try (Scanner statm = new Scanner(Path.of("/proc/self/statm"), StandardCharsets.US_ASCII)) {
      statm.nextLong();
      return statm.nextLong() * PAGE_BYTES;
    }
  }
}
