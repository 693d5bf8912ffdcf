package org.splitrack.pcomponent.internal.program;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.ByteBuffer;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.splitrack.pcomponent.internal.wasi.StandardOutput;

@Timeout(60)
class OutputQueueTest {
  private final OutputQueue queue = new OutputQueue();
  private final StandardOutput output = queue.stream(OutputQueue.Stream.OUTPUT);
  private final StandardOutput error = queue.stream(OutputQueue.Stream.ERROR);

  private static ByteBuffer text(String text) {
    return ByteBuffer.wrap(text.getBytes(UTF_8));
  }

  private String take(int most) throws InterruptedException {
    ByteBuffer into = ByteBuffer.allocate(most);
    OutputQueue.Stream stream = queue.take(into);
    return stream == null
        ? "<end>"
        : (stream == OutputQueue.Stream.ERROR ? "!" : "")
            + new String(into.array(), 0, into.position(), UTF_8);
  }

  @Test
  void shouldKeepTheOrderOfBothStreams() throws InterruptedException {
    output.write(text("one "));
    output.write(text("two"));
    error.write(text("wrong"));
    output.write(text("three"));
    queue.end();

    assertThat(take(100)).isEqualTo("one two");
    assertThat(take(3)).isEqualTo("!wro");
    assertThat(take(100)).isEqualTo("!ng");
    assertThat(take(100)).isEqualTo("three");
    assertThat(take(100)).isEqualTo("<end>");
  }

  @Test
  void shouldMakeTheProgramWaitWhileItIsFull() throws InterruptedException {
    CountDownLatch done = new CountDownLatch(1);
    byte[] much = new byte[3 * OutputQueue.CAPACITY_BYTES];
    new Random(3).nextBytes(much);
    Thread writer = writer(ByteBuffer.wrap(much), done);
    await().until(() -> writer.getState() == Thread.State.WAITING);

    ByteBuffer received = ByteBuffer.allocate(much.length);
    while (received.hasRemaining()) {
      if (received.remaining() > OutputQueue.CAPACITY_BYTES) {
        assertThat(done.getCount()).isEqualTo(1);
      }
      ByteBuffer chunk = ByteBuffer.allocate(Math.min(50_000, received.remaining()));
      queue.take(chunk);
      received.put(chunk.flip());
    }

    writer.join();
    assertThat(received.array()).isEqualTo(much);
  }

  private Thread writer(ByteBuffer bytes, CountDownLatch done) {
    return Thread.ofPlatform()
        .daemon()
        .start(
            () -> {
              try {
                output.write(bytes);
                done.countDown();
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            });
  }

  @Test
  void shouldBoundTheTurnsOfTheStreamsToo() throws InterruptedException {
    for (int i = 0; i < OutputQueue.MAX_RUNS / 2; i++) {
      output.write(text("o"));
      error.write(text("e"));
    }
    CountDownLatch done = new CountDownLatch(1);
    Thread writer = writer(text("o"), done);
    await().until(() -> writer.getState() == Thread.State.WAITING);

    assertThat(take(10)).isEqualTo("o");

    writer.join();
    assertThat(done.getCount()).isZero();
  }

  @Test
  void shouldLetAWaitingProgramBeInterrupted() throws InterruptedException {
    CountDownLatch done = new CountDownLatch(1);
    Thread writer = writer(ByteBuffer.allocate(OutputQueue.CAPACITY_BYTES + 1), done);
    await().until(() -> writer.getState() == Thread.State.WAITING);

    writer.interrupt();

    writer.join();
    assertThat(done.getCount()).isEqualTo(1);
  }
}
