package org.splitrack.fabric.attach;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.splitrack.fabric.ProcessId;
import org.splitrack.fabric.testkit.TestRack;
import org.splitrack.fabric.transport.Connection;
import org.splitrack.fabric.transport.Dialer;
import org.splitrack.fabric.transport.FabricServer;
import org.splitrack.fabric.transport.FrameStream;
import org.splitrack.fabric.transport.TcpTransport;
import org.splitrack.fabric.wire.FrameHeader;
import org.splitrack.fabric.wire.Lane;
import org.splitrack.fabric.wire.MessageType;
import org.splitrack.fabric.wire.Status;

class AttachClientTest {
  private static final Duration SOON = Duration.ofSeconds(10);
  private static final ProcessId PROCESS = new ProcessId(7);

  private final TcpTransport transport = new TcpTransport();
  private final Dialer dialer = new Dialer(transport, TestRack.identity("cli-0"));
  private final Received received = new Received();
  private FabricServer fabric;

  private static final class Received implements AttachClient.Receiver {
    final ByteArrayOutputStream output = new ByteArrayOutputStream();
    final ByteArrayOutputStream error = new ByteArrayOutputStream();

    @Override
    public void output(byte[] bytes, int length) {
      output.write(bytes, 0, length);
    }

    @Override
    public void error(byte[] bytes, int length) {
      error.write(bytes, 0, length);
    }
  }

  @BeforeEach
  void listen() throws IOException {
    fabric =
        TestRack.server(
            transport,
            TestRack.identity("pcomponent-0"),
            Map.of(Lane.ATTACH, AttachClientTest::answer));
  }

  @AfterEach
  void close() {
    fabric.close();
  }

  /** Echoes input as output in capitals, tells its end as an error, and ends with code 3. */
  private static void answer(Connection connection) throws IOException {
    try (FrameStream stream =
        new FrameStream(connection, TestRack.RACK, AttachFrames.MAX_BODY_BYTES)) {
      AttachFrames.Claim claim = AttachFrames.readClaim(stream);
      if (!claim.equals(new AttachFrames.Claim(PROCESS, "ticket"))) {
        AttachFrames.sendAnswer(stream, Status.BAD_REQUEST, "no such process");
        return;
      }
      AttachFrames.sendAnswer(stream, Status.OK, "");
      while (stream.next() && FrameHeader.type(stream.header(), 0) == MessageType.STDIN) {
        byte[] bytes = stream.read(stream.bodyRemaining());
        if (bytes.length == 0) {
          byte[] end = "end".getBytes(UTF_8);
          AttachFrames.sendBytes(stream, MessageType.STDERR, end, 0, end.length);
          AttachFrames.sendEnded(
              stream, new ProgramOutcome("exited", 3, null, Map.of("wall_ms", 12)));
        } else if (bytes[0] == '!') {
          return;
        } else {
          byte[] echo = new String(bytes, UTF_8).toUpperCase(java.util.Locale.ROOT).getBytes(UTF_8);
          AttachFrames.sendBytes(stream, MessageType.STDOUT, echo, 0, echo.length);
        }
      }
    }
  }

  private AttachClient attach(String ticket) throws IOException {
    return AttachClient.connect(dialer, fabric.endpoint(), PROCESS, ticket, SOON);
  }

  @Test
  void shouldCarryStreamsAndOutcome() throws IOException {
    try (AttachClient client = attach("ticket")) {
      client.pumpInput(new ByteArrayInputStream("hello".repeat(50_000).getBytes(UTF_8)));

      ProgramOutcome outcome = client.awaitEnd(received);

      assertThat(outcome).isEqualTo(new ProgramOutcome("exited", 3, null, Map.of("wall_ms", 12)));
      assertThat(received.output.toString(UTF_8)).isEqualTo("HELLO".repeat(50_000));
      assertThat(received.error.toString(UTF_8)).isEqualTo("end");
    }
  }

  @Test
  void shouldSayWhyItIsRefused() {
    assertThatThrownBy(() -> attach("wrong"))
        .isInstanceOf(IOException.class)
        .hasMessage("no such process");
  }

  @Test
  void shouldSayWhenTheConnectionIsLost() throws IOException {
    try (AttachClient client = attach("ticket")) {
      client.pumpInput(new ByteArrayInputStream("!".getBytes(UTF_8)));

      assertThatThrownBy(() -> client.awaitEnd(received)).isInstanceOf(IOException.class);
    }
  }
}
