package org.splitrack.fabric.transport;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.splitrack.fabric.testkit.TestRack.SECRET;

import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.splitrack.fabric.BootId;
import org.splitrack.fabric.ComponentId;
import org.splitrack.fabric.RackId;
import org.splitrack.fabric.testkit.TestRack;
import org.splitrack.fabric.wire.FrameHeader;
import org.splitrack.fabric.wire.Lane;

class HandshakeTest {
  private static final Duration SOON = Duration.ofSeconds(5);

  private final Transport transport = new TcpTransport();
  private final Identity memory = TestRack.identity("mcomponent-0");
  private final Identity processor = TestRack.identity("pcomponent-3");
  private final BlockingQueue<Connection> accepted = new LinkedBlockingQueue<>();
  private FabricServer server;

  @BeforeEach
  void listen() throws IOException {
    server = TestRack.server(transport, memory, Map.of(Lane.MISS, accepted::add));
  }

  @AfterEach
  void stop() {
    server.close();
  }

  @Test
  void shouldTellBothEndsWhoTheOtherIs() throws Exception {
    try (Connection dialled = connect(processor, Lane.MISS)) {
      Connection taken = accepted.take();

      assertThat(dialled.peer()).isEqualTo(new Peer(memory.component(), memory.boot()));
      assertThat(taken.peer()).isEqualTo(new Peer(processor.component(), processor.boot()));
      assertThat(taken.lane()).isEqualTo(Lane.MISS);
    }
  }

  @Test
  void shouldCarryBytesBothWaysAfterwards() throws Exception {
    try (Connection dialled = connect(processor, Lane.MISS)) {
      Connection taken = accepted.take();

      dialled.link().write(ByteBuffer.wrap(new byte[] {1, 2, 3}));
      assertThat(read(taken, 3)).containsExactly(1, 2, 3);
      taken.link().write(ByteBuffer.wrap(new byte[] {9}));
      assertThat(read(dialled, 1)).containsExactly(9);
    }
  }

  @Test
  void shouldRefuseAnotherRackInOneLine() {
    Identity stranger =
        new Identity(new RackId(0xbadL), processor.component(), processor.boot(), SECRET);

    assertThatThrownBy(() -> connect(stranger, Lane.MISS))
        .isInstanceOf(HandshakeRefused.class)
        .hasMessageContaining("0000000000000bad")
        .hasMessageNotContaining("\n");
    await().untilAsserted(() -> assertThat(server.refused()).isEqualTo(1));
    assertThat(accepted).isEmpty();
  }

  @Test
  void shouldRefuseAnotherSecret() {
    Identity stranger =
        new Identity(
            TestRack.RACK,
            processor.component(),
            processor.boot(),
            SharedSecret.parse("ff112233445566778899aabbccddeeff"));

    assertThatThrownBy(() -> connect(stranger, Lane.MISS))
        .isInstanceOf(HandshakeRefused.class)
        .hasMessage("the secret is not this rack's");
    assertThat(accepted).isEmpty();
  }

  @Test
  void shouldRefuseALaneThatIsNotServed() {
    assertThatThrownBy(() -> connect(processor, Lane.STORAGE))
        .isInstanceOf(HandshakeRefused.class)
        .hasMessage("mcomponent-0 serves no lane STORAGE");
  }

  @Test
  void shouldRefuseAnotherProtocolVersion() throws Exception {
    try (Link link = transport.dial(server.endpoint(), SOON)) {
      ByteBuffer hello = ByteBuffer.allocate(79);
      hello.put("SPLTRACK".getBytes(java.nio.charset.StandardCharsets.US_ASCII));
      hello.put((byte) (FrameHeader.PROTOCOL_VERSION + 1));
      link.write(hello.clear());

      byte[] challengeAndAnswer = readUntilEnd(link);

      assertThat(new String(challengeAndAnswer, java.nio.charset.StandardCharsets.UTF_8))
          .endsWith("protocol version 2 is not 1");
    }
  }

  @Test
  void shouldRefuseAServerThatDoesNotHoldTheSecret() throws Exception {
    Identity impostor =
        new Identity(
            TestRack.RACK,
            ComponentId.parse("mcomponent-0"),
            BootId.random(),
            SharedSecret.parse("ff112233445566778899aabbccddeeff"));
    try (Listener listener = transport.listen(TestRack.ANY_PORT)) {
      Thread.ofVirtual().start(() -> welcomeWithoutProof(listener, impostor));

      assertThatThrownBy(
              () -> new Dialer(transport, processor).connect(listener.endpoint(), Lane.MISS, SOON))
          .isInstanceOf(HandshakeRefused.class)
          .hasMessageContaining("does not hold this rack's secret");
    }
  }

  @Test
  void shouldGiveUpOnAServerThatSaysNothing() throws Exception {
    try (Listener silent = transport.listen(TestRack.ANY_PORT)) {
      assertThatThrownBy(
              () ->
                  new Dialer(transport, processor)
                      .connect(silent.endpoint(), Lane.MISS, Duration.ofMillis(50)))
          .isInstanceOf(SocketTimeoutException.class)
          .hasMessageContaining("took longer than");
    }
  }

  @Test
  void shouldKeepServingWhileOthersHangInTheHandshake() throws Exception {
    List<Link> hanging = new ArrayList<>();
    try {
      for (int i = 0; i < FabricServer.MAX_PENDING_HANDSHAKES - 1; i++) {
        hanging.add(transport.dial(server.endpoint(), SOON));
      }
      await()
          .untilAsserted(
              () ->
                  assertThat(server.connections())
                      .isEqualTo(FabricServer.MAX_PENDING_HANDSHAKES - 1));

      try (Connection connection = connect(processor, Lane.MISS)) {
        assertThat(connection.peer().component()).isEqualTo(memory.component());
      }
    } finally {
      hanging.forEach(Link::close);
    }
  }

  @Test
  void shouldLetDialsWaitWhileTooManyHandshakesHang() throws Exception {
    List<Link> hanging = new ArrayList<>();
    try {
      for (int i = 0; i < FabricServer.MAX_PENDING_HANDSHAKES; i++) {
        hanging.add(transport.dial(server.endpoint(), SOON));
      }
      await()
          .untilAsserted(
              () ->
                  assertThat(server.connections()).isEqualTo(FabricServer.MAX_PENDING_HANDSHAKES));
      assertThatThrownBy(
              () ->
                  new Dialer(transport, processor)
                      .connect(server.endpoint(), Lane.MISS, Duration.ofMillis(100)))
          .isInstanceOf(SocketTimeoutException.class);

      hanging.forEach(Link::close);

      try (Connection connection = connect(processor, Lane.MISS)) {
        assertThat(connection.peer().component()).isEqualTo(memory.component());
      }
    } finally {
      hanging.forEach(Link::close);
    }
  }

  @Test
  void shouldCloseAConnectionBeyondTheMostThatMayBeOpenAndTakeOneAgainLater() throws Exception {
    try (FabricServer small =
        FabricServer.start(
            transport, memory, TestRack.ANY_PORT, Map.of(Lane.MISS, accepted::add), 2)) {
      Dialer dialer = new Dialer(transport, processor);
      Connection first = dialer.connect(small.endpoint(), Lane.MISS, SOON);
      try (Connection second = dialer.connect(small.endpoint(), Lane.MISS, SOON)) {
        assertThatThrownBy(() -> dialer.connect(small.endpoint(), Lane.MISS, SOON))
            .isInstanceOf(IOException.class);
        assertThat(second.link().isOpen()).isTrue();

        first.close();
        accepted.take().close();

        dialer.connect(small.endpoint(), Lane.MISS, SOON).close();
        assertThat(small.refused()).isEqualTo(1);
      }
    }
  }

  @Test
  void shouldEndAllConnectionsWhenTheServerCloses() throws Exception {
    try (Connection connection = connect(processor, Lane.MISS)) {
      accepted.take();

      server.close();

      assertThat(connection.link().read(ByteBuffer.allocate(1))).isEqualTo(-1);
    }
  }

  @Test
  void shouldNameThePortThatIsTaken() {
    assertThatThrownBy(() -> FabricServer.start(transport, memory, server.endpoint(), Map.of()))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("mcomponent-0 cannot listen on " + server.endpoint());
  }

  private Connection connect(Identity identity, Lane lane) throws IOException {
    return new Dialer(transport, identity).connect(server.endpoint(), lane, SOON);
  }

  private static void welcomeWithoutProof(Listener listener, Identity impostor) {
    try (Link link = listener.accept()) {
      link.write(
          ByteBuffer.allocate(25)
              .put("SPLTRACK".getBytes(java.nio.charset.StandardCharsets.US_ASCII))
              .put(FrameHeader.PROTOCOL_VERSION)
              .clear());
      ByteBuffer welcome = ByteBuffer.allocate(46).order(java.nio.ByteOrder.LITTLE_ENDIAN);
      welcome.put((byte) 1).put((byte) 2).putInt(0).putLong(impostor.boot().value());
      link.write(welcome.clear());
      readUntilEnd(link);
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private static byte[] read(Connection connection, int count) throws IOException {
    ByteBuffer b = ByteBuffer.allocate(count);
    while (b.hasRemaining() && connection.link().read(b) >= 0) {}
    return b.array();
  }

  private static byte[] readUntilEnd(Link link) throws IOException {
    ByteBuffer b = ByteBuffer.allocate(4096);
    while (link.read(b) >= 0) {}
    return java.util.Arrays.copyOf(b.array(), b.position());
  }
}
