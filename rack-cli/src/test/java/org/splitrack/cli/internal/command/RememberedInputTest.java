package org.splitrack.cli.internal.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class RememberedInputTest {
  @Test
  void shouldGiveEachReaderAllOfItWhereverTheOthersAre() throws IOException {
    // given
    RememberedInput input = new RememberedInput(bytes("one two three"));
    InputStream first = input.fromTheBeginning();
    assertThat(first.readNBytes(4)).isEqualTo("one ".getBytes(StandardCharsets.UTF_8));

    // then
    assertThat(input.fromTheBeginning().readAllBytes()).asString().isEqualTo("one two three");
    assertThat(first.readAllBytes()).asString().isEqualTo("two three");
    assertThat(input.isWhole()).isTrue();
  }

  @Test
  void shouldSayWhenItRemembersNoMore() throws IOException {
    // given
    byte[] large = new byte[RememberedInput.LIMIT_BYTES + 1];
    RememberedInput input = new RememberedInput(new ByteArrayInputStream(large));
    InputStream reader = input.fromTheBeginning();
    assertThat(reader.readNBytes(RememberedInput.LIMIT_BYTES)).hasSize(RememberedInput.LIMIT_BYTES);
    assertThat(input.isWhole()).isTrue();

    // when
    assertThat(reader.readAllBytes()).hasSize(1);

    // then
    assertThat(input.isWhole()).isFalse();
  }

  private static InputStream bytes(String text) {
    return new ByteArrayInputStream(text.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  @Timeout(value = 30, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void shouldAnswerFromMemoryWhileAnotherReaderWaitsForTheSource() throws Exception {
    // given a terminal at which one line was typed, and somebody waits for the next
    CountDownLatch asked = new CountDownLatch(2);
    PipedOutputStream terminal = new PipedOutputStream();
    PipedInputStream typed =
        new PipedInputStream(terminal) {
          @Override
          public synchronized int read(byte[] buffer, int offset, int length) throws IOException {
            asked.countDown();
            return super.read(buffer, offset, length);
          }
        };
    RememberedInput input = new RememberedInput(typed);
    terminal.write("line\n".getBytes(StandardCharsets.UTF_8));
    InputStream first = input.fromTheBeginning();
    assertThat(first.readNBytes(5)).isEqualTo("line\n".getBytes(StandardCharsets.UTF_8));
    FutureTask<Integer> waits = new FutureTask<>(first::read);
    Thread.ofPlatform().daemon().start(waits);
    asked.await();

    // when
    InputStream second = input.fromTheBeginning();

    // then
    assertThat(input.isWhole()).isTrue();
    assertThat(second.readNBytes(5)).isEqualTo("line\n".getBytes(StandardCharsets.UTF_8));

    // and both get what is typed next
    terminal.write('x');
    terminal.close();
    assertThat(waits.get()).isEqualTo('x');
    assertThat(second.readAllBytes()).isEqualTo("x".getBytes(StandardCharsets.UTF_8));
  }
}
