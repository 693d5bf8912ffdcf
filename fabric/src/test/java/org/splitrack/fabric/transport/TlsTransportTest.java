package org.splitrack.fabric.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.splitrack.fabric.Role;
import org.splitrack.fabric.testkit.TestCertificates;
import org.splitrack.fabric.testkit.TestRack;
import org.splitrack.fabric.wire.Lane;

class TlsTransportTest {
  private static final Duration SOON = Duration.ofSeconds(10);

  private final Identity memory = TestRack.identity("mcomponent-0");
  private final Identity processor = TestRack.identity("pcomponent-3");
  private final TlsCredentials ofProcessor = TestCertificates.of(Role.PCOMPONENT);
  private final BlockingQueue<Connection> accepted = new LinkedBlockingQueue<>();
  private FabricServer server;

  @BeforeEach
  void listen() throws IOException {
    server =
        TestRack.server(
            tls(TestCertificates.of(Role.MCOMPONENT)), memory, Map.of(Lane.MISS, accepted::add));
  }

  @AfterEach
  void stop() {
    accepted.forEach(Connection::close);
    server.close();
  }

  @Test
  void shouldConnectThoseOfOneAuthorityAndSendNothingInClear() throws Exception {
    byte[] secret = "nobody else is to read this".getBytes(StandardCharsets.UTF_8);
    Eavesdropper wire = new Eavesdropper(new TcpTransport());
    try (Connection dialled =
        new Dialer(new TlsTransport(wire, ofProcessor), processor)
            .connect(server.endpoint(), Lane.MISS, SOON)) {
      Connection taken = accepted.take();
      assertThat(dialled.peer().component()).isEqualTo(memory.component());
      assertThat(dialled.link().certifiedRole()).isEqualTo(Role.MCOMPONENT);
      assertThat(taken.link().certifiedRole()).isEqualTo(Role.PCOMPONENT);

      dialled.link().write(ByteBuffer.wrap(secret));

      assertThat(read(taken.link(), secret.length)).isEqualTo(secret);
      assertThat(wire.heard()).isNotEmpty().doesNotContain("nobody else").doesNotContain("SPLT");
    }
  }

  @Test
  void shouldRefuseACertificateOfAnotherAuthority() {
    assertThatThrownBy(() -> connect(TestCertificates.foreign(Role.PCOMPONENT), processor))
        .isInstanceOf(HandshakeRefused.class)
        .hasMessageStartingWith("TLS: ")
        .hasMessageNotContaining("\n");
    assertNobodyCameIn();
  }

  @Test
  void shouldRefuseAServerOfAnotherAuthority() {
    assertThatThrownBy(() -> connect(TestCertificates.distrustful(Role.PCOMPONENT), processor))
        .isInstanceOf(HandshakeRefused.class)
        .hasMessageContaining("PKIX path");
    assertNobodyCameIn();
  }

  @Test
  void shouldRefuseWhoeverClaimsAnotherRoleThanItsCertificate() {
    assertThatThrownBy(() -> connect(TestCertificates.of(Role.SCOMPONENT), processor))
        .isInstanceOf(HandshakeRefused.class)
        .hasMessage("pcomponent-3 cannot have a certificate of scomponent");
    assertThatThrownBy(() -> connect(TestCertificates.named("nobody"), processor))
        .isInstanceOf(IOException.class);
    assertThat(accepted).isEmpty();
  }

  @Test
  void shouldRefuseALaneThatIsNotForTheRole() {
    assertThatThrownBy(
            () -> connect(TestCertificates.of(Role.SCOMPONENT), TestRack.identity("scomponent-0")))
        .isInstanceOf(HandshakeRefused.class)
        .hasMessage("lane MISS is not for scomponent");
    assertNobodyCameIn();
  }

  @Test
  void shouldNotTakeAServersWordForItsRole() throws Exception {
    try (FabricServer pretender =
        TestRack.server(
            tls(TestCertificates.of(Role.PCOMPONENT)), memory, Map.of(Lane.MISS, accepted::add))) {
      assertThatThrownBy(
              () ->
                  new Dialer(tls(ofProcessor), processor)
                      .connect(pretender.endpoint(), Lane.MISS, SOON))
          .isInstanceOf(HandshakeRefused.class)
          .hasMessage("mcomponent-0 cannot have a certificate of pcomponent");
    }
  }

  @Test
  void shouldRefuseWhoeverShowsNoCertificateOrSpeaksPlainly() throws Exception {
    assertThatThrownBy(
            () ->
                new Dialer(new TcpTransport(), processor)
                    .connect(server.endpoint(), Lane.MISS, Duration.ofMillis(500)))
        .isInstanceOf(IOException.class);
    try (FabricServer plain =
        TestRack.server(new TcpTransport(), memory, Map.of(Lane.MISS, accepted::add))) {
      assertThatThrownBy(
              () ->
                  new Dialer(tls(ofProcessor), processor)
                      .connect(plain.endpoint(), Lane.MISS, SOON))
          .isInstanceOf(HandshakeRefused.class)
          .hasMessageStartingWith("TLS: ");
    }
    assertNobodyCameIn();
  }

  @Test
  void shouldCarryManyBytesBothWaysAtOnceWhileNeitherEndBlocks() throws Exception {
    long seed = Long.getLong("splitrack.seed", System.nanoTime());
    System.out.println("seed " + seed);
    byte[] bytes = new byte[3_000_000];
    new Random(seed).nextBytes(bytes);
    try (Connection dialled = connect(ofProcessor, processor)) {
      Connection taken = accepted.take();
      CompletableFuture<byte[]> there =
          CompletableFuture.supplyAsync(() -> exchange(dialled.link(), bytes, seed));

      assertThat(exchange(taken.link(), bytes, seed + 1)).isEqualTo(bytes);
      assertThat(there.get()).isEqualTo(bytes);
    }
  }

  /** A record is decrypted as a whole: what the reader has no room for, no selector knows of. */
  @Test
  void shouldFindALinkReadyWhileItHoldsBytesThatWereNotRead() throws Exception {
    try (Connection dialled = connect(ofProcessor, processor);
        WaitPoint waitPoint = tls(TestCertificates.of(Role.MCOMPONENT)).waitPoint()) {
      Connection taken = accepted.take();
      taken.link().blocking(false);
      List<String> ready = new ArrayList<>();
      waitPoint.watch(taken.link(), "it", ready::add);
      dialled.link().write(ByteBuffer.allocate(100));
      await().until(() -> waitPoint.await(10_000_000) > 0);
      assertThat(read(taken.link(), 40)).hasSize(40);

      ready.clear();
      assertThat(waitPoint.await(SOON.toNanos())).isPositive();
      assertThat(ready).isNotEmpty();

      waitPoint.watchFor(taken.link(), WaitPoint.Interest.WRITE);
      ready.clear();
      waitPoint.watchFor(taken.link(), WaitPoint.Interest.NOTHING);
      assertThat(waitPoint.await(1)).isZero();

      waitPoint.watchFor(taken.link(), WaitPoint.Interest.READ);
      assertThat(read(taken.link(), 60)).hasSize(60);
      assertThat(waitPoint.await(1)).isZero();
    }
  }

  @Test
  void shouldSeeTheEndOfTheOtherEnd() throws Exception {
    try (Connection dialled = connect(ofProcessor, processor)) {
      Connection taken = accepted.take();
      taken.close();

      assertThat(dialled.link().read(ByteBuffer.allocate(1))).isEqualTo(-1);
    }
  }

  private void assertNobodyCameIn() {
    await().untilAsserted(() -> assertThat(server.connections()).isZero());
    assertThat(accepted).isEmpty();
  }

  private Connection connect(TlsCredentials credentials, Identity as) throws IOException {
    return new Dialer(tls(credentials), as).connect(server.endpoint(), Lane.MISS, SOON);
  }

  private static TlsTransport tls(TlsCredentials credentials) {
    return new TlsTransport(new TcpTransport(), credentials);
  }

  private static byte[] read(Link link, int count) throws IOException {
    ByteBuffer target = ByteBuffer.allocate(count);
    while (target.hasRemaining()) {
      assertThat(link.read(target)).isNotNegative();
    }
    return target.array();
  }

  /** Sends {@code bytes} in pieces of all sizes, while reading as many of the other end. */
  private static byte[] exchange(Link link, byte[] bytes, long seed) {
    Random random = new Random(seed);
    ByteBuffer out = ByteBuffer.wrap(bytes).limit(0);
    ByteBuffer in = ByteBuffer.allocate(bytes.length).limit(0);
    try {
      link.blocking(false);
      while (out.position() < bytes.length || in.position() < bytes.length) {
        if (!out.hasRemaining()) {
          out.limit(Math.min(bytes.length, out.position() + 1 + random.nextInt(50_000)));
        }
        link.write(out);
        if (!in.hasRemaining()) {
          in.limit(Math.min(bytes.length, in.position() + 1 + random.nextInt(30_000)));
        }
        if (link.read(in) < 0) {
          throw new IOException("the other end closed");
        }
      }
      return in.array();
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  /** Hears what is dialled through it. */
  private record Eavesdropper(Transport real, ByteArrayOutputStream said) implements Transport {
    Eavesdropper(Transport real) {
      this(real, new ByteArrayOutputStream());
    }

    String heard() {
      return said.toString(StandardCharsets.ISO_8859_1);
    }

    @Override
    public Link dial(org.splitrack.fabric.Endpoint endpoint, Duration timeout) throws IOException {
      Link link = real.dial(endpoint, timeout);
      return new Link() {
        @Override
        public int read(ByteBuffer target) throws IOException {
          int begin = target.position();
          int count = link.read(target);
          hear(target, begin, target.position());
          return count;
        }

        @Override
        public int write(ByteBuffer source) throws IOException {
          int begin = source.position();
          int count = link.write(source);
          hear(source, begin, source.position());
          return count;
        }

        @Override
        public void blocking(boolean blocking) throws IOException {
          link.blocking(blocking);
        }

        @Override
        public boolean isOpen() {
          return link.isOpen();
        }

        @Override
        public void onClose(Runnable action) {
          link.onClose(action);
        }

        @Override
        public void close() {
          link.close();
        }
      };
    }

    private void hear(ByteBuffer buffer, int from, int to) {
      byte[] bytes = new byte[to - from];
      buffer.get(from, bytes);
      said.writeBytes(bytes);
    }

    @Override
    public Listener listen(org.splitrack.fabric.Endpoint bind) throws IOException {
      return real.listen(bind);
    }

    @Override
    public WaitPoint waitPoint() throws IOException {
      return real.waitPoint();
    }
  }
}
