package org.splitrack.pcomponent.internal.program;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.splitrack.fabric.Endpoint;
import org.splitrack.fabric.ProcessId;
import org.splitrack.fabric.control.ControlClient;
import org.splitrack.fabric.control.ControlFault;
import org.splitrack.fabric.control.ControlServer;
import org.splitrack.fabric.control.MemoryCalls.GrowMemory;
import org.splitrack.fabric.control.MemoryCalls.Grown;
import org.splitrack.fabric.memory.RegionTable;
import org.splitrack.fabric.testkit.TestRack;
import org.splitrack.fabric.transport.Dialer;
import org.splitrack.fabric.transport.FabricServer;
import org.splitrack.fabric.transport.JvmTransport;
import org.splitrack.fabric.wire.Lane;
import org.splitrack.pcomponent.internal.excache.MemoryRefused;

class RackGrowthTest {
  private static final Duration LONG = Duration.ofMinutes(5);
  private static final int REFUSALS = 3;

  private final JvmTransport transport = new JvmTransport();
  private final ControlClient client =
      new ControlClient(new Dialer(transport, TestRack.identity("pcomponent-0")));
  private final AtomicInteger asked = new AtomicInteger();
  private ControlFault.Code refusal = ControlFault.Code.UNAVAILABLE;
  private FabricServer server;

  @BeforeEach
  void start() throws IOException {
    ControlServer control = new ControlServer(TestRack.RACK);
    control.register(
        GrowMemory.class,
        (growth, bytes, peer) -> {
          if (asked.incrementAndGet() <= REFUSALS) {
            throw new ControlFault(refusal, "no answer from PostgreSQL");
          }
          return new Grown(List.of());
        });
    server =
        TestRack.server(
            transport, TestRack.identity("global-manager-0"), Map.of(Lane.CONTROL, control));
  }

  @AfterEach
  void stop() {
    server.close();
    client.close();
  }

  @Test
  void shouldWaitForAManagerThatCannotDecideYet() {
    assertThat(growth(server.endpoint(), LONG).grow(0, 16)).isTrue();
    assertThat(asked).hasValue(REFUSALS + 1);
  }

  @Test
  void shouldAnswerAtOnceThatTheRackIsFull() {
    refusal = ControlFault.Code.FULL;

    assertThat(growth(server.endpoint(), LONG).grow(0, 16)).isFalse();
    assertThat(asked).hasValue(1);
  }

  @Test
  void shouldEndTheProcessWithAClearLineWhenNobodyAnswersForTooLong() {
    RackGrowth growth = growth(new Endpoint("127.0.0.1", 99), Duration.ofMillis(300));

    assertThatThrownBy(() -> growth.grow(0, 16))
        .isInstanceOf(MemoryRefused.class)
        .hasMessageMatching("memory could not be reserved for 300 ms: .*127\\.0\\.0\\.1:99.*");
  }

  private RackGrowth growth(Endpoint manager, Duration awayLimit) {
    return new RackGrowth(client, manager, new ProcessId(7), 1, new RegionTable(), awayLimit);
  }
}
