package org.splitrack.fabric.transport;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.splitrack.fabric.ComponentId;
import org.splitrack.fabric.Role;
import org.splitrack.fabric.testkit.TestRack;

class LinkShimTest {
  private static final Duration SOON = Duration.ofSeconds(5);
  private static final ComponentId ONE = new ComponentId(Role.MCOMPONENT, 1);
  private static final ComponentId TWO = new ComponentId(Role.MCOMPONENT, 2);

  private final JvmTransport real = new JvmTransport();
  private final LinkShim shim = new LinkShim(real, LinkProfile.PLAIN);
  private Listener listener;

  /** The shimmed end. */
  private Link here;

  /** The plain end. */
  private Link there;

  @BeforeEach
  void connect() throws IOException {
    listener = real.listen(TestRack.ANY_PORT);
    here = shim.dial(listener.endpoint(), SOON);
    there = listener.accept();
  }

  @AfterEach
  void close() {
    here.close();
    there.close();
    listener.close();
  }

  @Test
  void shouldDelayWhatIsSent() throws IOException {
    shim.profile(new LinkProfile(20_000_000, 0, false));
    long startNs = System.nanoTime();

    here.write(bytes(3));

    assertThat(readExactly(there, 3)).containsExactly(0, 1, 2);
    assertThat(System.nanoTime() - startNs).isGreaterThanOrEqualTo(20_000_000);
  }

  @Test
  void shouldBoundTheRate() throws IOException {
    shim.profile(new LinkProfile(0, 1_000_000, false));
    long startNs = System.nanoTime();

    here.write(bytes(10_000));
    here.write(bytes(10_000));

    readExactly(there, 20_000);
    assertThat(System.nanoTime() - startNs).isGreaterThanOrEqualTo(20_000_000);
  }

  @Test
  void shouldHoldEverythingWhileCutAndKeepTheOtherDirection() throws IOException {
    shim.profile(LinkProfile.PLAIN.withCut(true));
    there.blocking(false);

    here.write(bytes(100));
    there.write(bytes(5));

    assertThat(readExactly(here, 5)).hasSize(5);
    assertThat(there.read(ByteBuffer.allocate(1))).isZero();

    shim.profile(LinkProfile.PLAIN);
    there.blocking(true);
    assertThat(readExactly(there, 100)).hasSize(100);
  }

  @Test
  void shouldHoldOnlyWhatIsForTheOneThatIsCutAndDeliverItWhenHealed() throws IOException {
    // given another link, to somebody else
    Link other = shim.dial(listener.endpoint(), SOON);
    Link otherThere = listener.accept();
    here.peer(ONE);
    other.peer(TWO);
    there.blocking(false);

    // when
    shim.changeCuts(List.of(ONE), List.of());
    here.write(bytes(100));
    other.write(bytes(5));

    // then
    assertThat(readExactly(otherThere, 5)).hasSize(5);
    assertThat(there.read(ByteBuffer.allocate(1))).isZero();
    assertThat(shim.cutPeers()).containsExactly(ONE);

    // when healed, with more behind what was held
    shim.changeCuts(List.of(), List.of(ONE));
    here.write(ByteBuffer.wrap(new byte[] {42}));

    // then in order
    there.blocking(true);
    assertThat(readExactly(there, 101)).startsWith(0, 1, 2).endsWith(42);
    other.close();
    otherThere.close();
  }

  @Test
  void shouldPassStraightOnWithoutAThreadUnlessSlowedOrCut() throws IOException {
    here.peer(ONE);
    here.write(bytes(3));
    assertThat(readExactly(there, 3)).hasSize(3);
    assertThat(shimThreads()).isZero();

    shim.changeCuts(List.of(ONE), List.of());
    here.write(bytes(3));
    assertThat(shimThreads()).isOne();

    shim.changeCuts(List.of(), List.of(ONE));
    assertThat(readExactly(there, 3)).hasSize(3);
    Awaitility.await().until(() -> shimThreads() == 0);
    here.write(bytes(4));
    assertThat(readExactly(there, 4)).hasSize(4);
    assertThat(shimThreads()).isZero();
  }

  private static long shimThreads() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().equals("link-shim"))
        .count();
  }

  @Test
  void shouldTakeNoMoreThanItsQueueHoldsWhileCut() throws IOException {
    shim.profile(LinkProfile.PLAIN.withCut(true));
    here.blocking(false);
    ByteBuffer large = bytes(3 << 20);

    assertThat(here.write(large)).isEqualTo(1 << 20);
    assertThat(here.write(large)).isZero();
  }

  @Test
  void shouldDeliverWhatWasWrittenBeforeTheClose() throws IOException {
    shim.profile(new LinkProfile(20_000_000, 0, false));

    here.write(bytes(7));
    here.close();

    assertThat(readExactly(there, 7)).hasSize(7);
    assertThat(there.read(ByteBuffer.allocate(1))).isEqualTo(-1);
  }

  private static ByteBuffer bytes(int count) {
    ByteBuffer b = ByteBuffer.allocate(count);
    for (int i = 0; i < count; i++) {
      b.put((byte) i);
    }
    return b.flip();
  }

  private static byte[] readExactly(Link link, int count) throws IOException {
    ByteBuffer b = ByteBuffer.allocate(count);
    while (b.hasRemaining()) {
      assertThat(link.read(b)).isPositive();
    }
    return b.array();
  }
}
