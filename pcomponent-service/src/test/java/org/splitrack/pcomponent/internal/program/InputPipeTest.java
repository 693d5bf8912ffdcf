package org.splitrack.pcomponent.internal.program;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class InputPipeTest {
  private static final long NOT_AT_ALL = 0;
  private static final long LONG_NS = TimeUnit.SECONDS.toNanos(30);

  private final InputPipe pipe = new InputPipe();

  private String read(int most) throws InterruptedException {
    ByteBuffer into = ByteBuffer.allocate(most);
    int bytes = pipe.read(into);
    return bytes < 0 ? "<end>" : new String(into.array(), 0, bytes, UTF_8);
  }

  private int write(String text) throws InterruptedException {
    byte[] bytes = text.getBytes(UTF_8);
    return pipe.write(bytes, 0, bytes.length, NOT_AT_ALL);
  }

  @Test
  void shouldHandOverBytesInOrderAndThenTheEnd() throws InterruptedException {
    write("hello ");
    write("world");
    pipe.end();

    assertThat(pipe.available()).isEqualTo(11);
    assertThat(read(8)).isEqualTo("hello wo");
    assertThat(read(8)).isEqualTo("rld");
    assertThat(read(8)).isEqualTo("<end>");
    assertThat(pipe.available()).isEqualTo(-1);
  }

  @Test
  void shouldTakeNoMoreThanItHolds() throws InterruptedException {
    byte[] much = new byte[InputPipe.CAPACITY_BYTES + 10];

    assertThat(pipe.write(much, 0, much.length, NOT_AT_ALL)).isEqualTo(InputPipe.CAPACITY_BYTES);
    assertThat(pipe.write(much, 0, 10, NOT_AT_ALL)).isZero();
    read(7);
    assertThat(pipe.write(much, 0, 10, NOT_AT_ALL)).isEqualTo(7);
  }

  @Test
  void shouldMakeTheWriterWaitForTheReader() throws InterruptedException {
    byte[] much = new byte[3 * InputPipe.CAPACITY_BYTES];
    AtomicInteger written = new AtomicInteger(-1);
    Thread writer =
        Thread.ofVirtual()
            .start(
                () -> {
                  try {
                    written.set(pipe.write(much, 0, much.length, LONG_NS));
                  } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                  }
                });

    int read = 0;
    while (read < much.length) {
      assertThat(written.get())
          .isEqualTo(read + InputPipe.CAPACITY_BYTES < much.length ? -1 : written.get());
      read += pipe.read(ByteBuffer.allocate(10_000));
    }

    writer.join();
    assertThat(written.get()).isEqualTo(much.length);
  }

  @Test
  void shouldWakeAReaderForBytesAndForTheEnd() throws InterruptedException {
    AtomicInteger seen = new AtomicInteger();
    Thread reader =
        Thread.ofVirtual()
            .start(
                () -> {
                  try {
                    while (pipe.awaitReadable(LONG_NS) && !read(1).equals("<end>")) {
                      seen.incrementAndGet();
                    }
                  } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                  }
                });
    write("ab");
    await().until(() -> seen.get() == 2);
    pipe.end();
    reader.join();
    assertThat(seen.get()).isEqualTo(2);
  }

  @Test
  void shouldNotWaitLongerThanAsked() throws InterruptedException {
    assertThat(pipe.awaitReadable(1)).isFalse();
    write("x");
    assertThat(pipe.awaitReadable(1)).isTrue();
  }

  @Test
  void shouldDropEverythingWhenNobodyReadsAnyMore() throws InterruptedException {
    write("x");
    pipe.discard();

    assertThat(write("yyy")).isEqualTo(3);
    assertThat(read(10)).isEqualTo("<end>");
  }

  @Test
  void shouldLetAWaitingReaderBeInterrupted() {
    Thread.currentThread().interrupt();
    assertThatThrownBy(() -> read(1)).isInstanceOf(InterruptedException.class);
  }
}
