package org.splitrack.tables.internal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.splitrack.fabric.relay.Relay;
import org.splitrack.fabric.testkit.TestRack;
import org.splitrack.fabric.transport.Connection;
import org.splitrack.fabric.transport.Dialer;
import org.splitrack.fabric.transport.FabricServer;
import org.splitrack.fabric.transport.HandshakeRefused;
import org.splitrack.fabric.transport.TcpTransport;
import org.splitrack.fabric.wire.Lane;

class TablesLaneTest {
  private static final Duration SOON = Duration.ofSeconds(5);

  private final TcpTransport transport = new TcpTransport();
  private ServerSocket database;
  private TablesLane lane;
  private FabricServer server;

  @BeforeEach
  void listen() throws IOException {
    database = new ServerSocket();
    database.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    lane = TablesLane.to("jdbc:postgresql://127.0.0.1:%d/any?sslmode=require".formatted(port()));
    server =
        TestRack.server(transport, TestRack.identity("table-service-0"), Map.of(Lane.TABLES, lane));
  }

  private int port() {
    return database.getLocalPort();
  }

  @AfterEach
  void stop() throws IOException {
    server.close();
    lane.close();
    database.close();
  }

  @Test
  void shouldPassBytesOnBothWaysAndTakeTheOtherEndAlongWhenOneCloses() throws IOException {
    try (Connection command = connect("cli-0");
        Socket taken = database.accept()) {
      Relay.awaitReached(command, SOON);
      byte[] question = "question".getBytes(StandardCharsets.US_ASCII);
      command.link().write(ByteBuffer.wrap(question));
      assertThat(taken.getInputStream().readNBytes(question.length)).isEqualTo(question);
      taken.getOutputStream().write(7);
      assertThat(readByte(command)).isEqualTo(7);

      command.link().close();

      assertThat(taken.getInputStream().read()).isEqualTo(-1);
    }
    try (Connection command = connect("cli-0")) {
      Relay.awaitReached(command, SOON);
      database.accept().close();

      assertThat(readByte(command)).isEqualTo(-1);
    }
  }

  @Test
  void shouldTryAllServersOfTheUrlInOrder() throws IOException {
    int nobody;
    try (ServerSocket free = new ServerSocket(0)) {
      nobody = free.getLocalPort();
    }
    TablesLane several =
        TablesLane.to("jdbc:postgresql://127.0.0.1:%d,127.0.0.1:%d/any".formatted(nobody, port()));
    try (FabricServer other =
            TestRack.server(
                transport, TestRack.identity("table-service-0"), Map.of(Lane.TABLES, several));
        Connection command = connect(other, "cli-0")) {
      Relay.awaitReached(command, SOON);

      database.accept().close();
      assertThat(readByte(command)).isEqualTo(-1);
      assertThat(other.refused()).isZero();
    }
  }

  @Test
  void shouldSayInOneLineThatTheDatabaseIsNotReached() throws IOException {
    database.close();
    try (Connection command = connect("cli-0")) {
      assertThatThrownBy(() -> Relay.awaitReached(command, SOON))
          .hasMessageContaining("PostgreSQL cannot be reached at 127.0.0.1:")
          .hasMessageNotContaining("\n");
    }
  }

  @Test
  void shouldTakeOnlySoManyConversationsAndThoseThatComeAfterOneHasEnded() throws IOException {
    List<Connection> commands = new ArrayList<>();
    try {
      for (int i = 0; i < TablesLane.MAX_CONVERSATIONS; i++) {
        Connection command = connect("cli-0");
        commands.add(command);
        Relay.awaitReached(command, SOON);
      }
      try (Connection oneMore = connect("cli-0")) {
        assertThatThrownBy(() -> Relay.awaitReached(oneMore, SOON))
            .hasMessageContaining(TablesLane.MAX_CONVERSATIONS + " commands");
      }

      commands.removeFirst().close();

      await().untilAsserted(this::assertTaken);
    } finally {
      commands.forEach(Connection::close);
    }
  }

  private void assertTaken() throws IOException {
    try (Connection command = connect("cli-0")) {
      Relay.awaitReached(command, SOON);
    }
  }

  @Test
  void shouldBeForTheCommandLineAlone() {
    assertThatThrownBy(() -> connect("pcomponent-0"))
        .isInstanceOf(HandshakeRefused.class)
        .hasMessageContaining("lane TABLES is not for pcomponent");
  }

  private Connection connect(String component) throws IOException {
    return connect(server, component);
  }

  private Connection connect(FabricServer to, String component) throws IOException {
    return new Dialer(transport, TestRack.identity(component))
        .connect(to.endpoint(), Lane.TABLES, SOON);
  }

  private static int readByte(Connection connection) throws IOException {
    ByteBuffer one = ByteBuffer.allocate(1);
    return connection.link().read(one) < 0 ? -1 : one.get(0);
  }
}
