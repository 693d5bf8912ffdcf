package org.splitrack.pcomponent.internal.program;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.splitrack.fabric.ProcessId;
import org.splitrack.fabric.control.ControlClient;
import org.splitrack.fabric.control.ControlFault;
import org.splitrack.fabric.control.ControlReply;
import org.splitrack.fabric.control.ControlServer;
import org.splitrack.fabric.control.ProcessCalls.ProcessEnded;
import org.splitrack.fabric.testkit.TestRack;
import org.splitrack.fabric.transport.Dialer;
import org.splitrack.fabric.transport.FabricServer;
import org.splitrack.fabric.transport.TcpTransport;
import org.splitrack.fabric.wire.Lane;

class EndReportsTest {
  private static final ProcessEnded END =
      new ProcessEnded(new ProcessId(3), 1, "exited", 0, null, Map.of());

  private final TcpTransport transport = new TcpTransport();
  private final ControlClient client =
      new ControlClient(new Dialer(transport, TestRack.identity("pcomponent-0")));
  private final AtomicInteger refusals = new AtomicInteger();
  private final List<ProcessEnded> told = new CopyOnWriteArrayList<>();
  private ControlFault.Code code = ControlFault.Code.UNAVAILABLE;
  private FabricServer manager;

  @BeforeEach
  void listen() throws IOException {
    ControlServer commands = new ControlServer(TestRack.RACK);
    commands.register(
        ProcessEnded.class,
        (request, attachment, peer) -> {
          told.add(request);
          if (refusals.getAndDecrement() > 0) {
            throw new ControlFault(code, "not now");
          }
          return new ControlReply.Done();
        });
    manager =
        TestRack.server(
            transport, TestRack.identity("global-manager-0"), Map.of(Lane.CONTROL, commands));
  }

  @AfterEach
  void close() {
    manager.close();
    client.close();
  }

  @Test
  void shouldTellBeforeItReturns() {
    new EndReports(client, manager.endpoint()).report(END);
    assertThat(told).containsExactly(END);
  }

  @Test
  void shouldGoOnInTheBackgroundUntilTheManagerKnows() {
    refusals.set(3);
    EndReports ends = new EndReports(client, manager.endpoint());
    ends.report(END);
    assertThat(ends.unheard()).containsExactly(END.process());
    await().atMost(Duration.ofSeconds(30)).until(() -> told.size() == 4);
    await().atMost(Duration.ofSeconds(30)).until(() -> ends.unheard().isEmpty());
  }

  @Test
  void shouldNotRepeatWhatIsNotWanted() {
    refusals.set(3);
    code = ControlFault.Code.NOT_FOUND;
    EndReports ends = new EndReports(client, manager.endpoint());
    ends.report(END);
    assertThat(told).hasSize(1);
    assertThat(ends.unheard()).isEmpty();
    assertThat(refusals.get()).isEqualTo(2);
  }
}
