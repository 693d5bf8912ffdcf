package org.splitrack.pcomponent.internal.program;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.splitrack.fabric.Endpoint;
import org.splitrack.fabric.ProcessId;
import org.splitrack.fabric.control.ControlClient;
import org.splitrack.fabric.control.ControlFault;
import org.splitrack.fabric.control.ControlReply;
import org.splitrack.fabric.control.ControlRequest;
import org.splitrack.fabric.control.ControlServer;
import org.splitrack.fabric.control.MemoryCalls.Grown;
import org.splitrack.fabric.control.MemoryCalls.ResolveRegions;
import org.splitrack.fabric.control.ProcessCalls.FirstEffect;
import org.splitrack.fabric.testkit.TestRack;
import org.splitrack.fabric.transport.Dialer;
import org.splitrack.fabric.transport.FabricServer;
import org.splitrack.fabric.transport.JvmTransport;
import org.splitrack.fabric.wire.Lane;
import org.splitrack.pcomponent.internal.excache.ProgramStopped;

class ManagerEffectGateTest {
  private static final ProcessId PROCESS = new ProcessId(7);
  private static final Duration AWAY_LIMIT = Duration.ofMillis(300);

  private final JvmTransport transport = new JvmTransport();
  private final ControlClient client =
      new ControlClient(new Dialer(transport, TestRack.identity("pcomponent-0")));
  private final List<ControlRequest<?>> asked = new CopyOnWriteArrayList<>();
  private final AtomicInteger expelled = new AtomicInteger();
  private final Pulse pulse = new Pulse(System.nanoTime());
  private volatile boolean runs = true;
  private FabricServer server;

  @BeforeEach
  void start() throws IOException {
    ControlServer control = new ControlServer(TestRack.RACK);
    control.register(
        FirstEffect.class,
        (effect, bytes, peer) -> {
          require(effect);
          return new ControlReply.Done();
        });
    control.register(
        ResolveRegions.class,
        (resolve, bytes, peer) -> {
          require(resolve);
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
    pulse.close();
  }

  @Test
  void shouldAskNothingOfAProcessThatIsNotRunAgain() {
    pulse.beat(System.nanoTime());
    EffectGate gate = gate(false, server.endpoint());

    gate.pass("output");

    assertThat(asked).isEmpty();
  }

  @Test
  void shouldAnnounceTheFirstEffectOnceAndBeforeItIsHad() {
    pulse.beat(System.nanoTime());
    EffectGate gate = gate(true, server.endpoint());
    assertThat(gate.isOpen()).isFalse();

    gate.pass("fd_write");
    pulse.beat(System.nanoTime());
    gate.pass("path_open");

    assertThat(asked.getFirst()).isEqualTo(new FirstEffect(PROCESS, 3, "fd_write"));
    assertThat(asked.stream().filter(FirstEffect.class::isInstance)).hasSize(1);
  }

  @Test
  void shouldAskAfterAPauseAndRefuseEveryEffectOfAnExpelledIncarnation() {
    pulse.beat(System.nanoTime());
    EffectGate gate = gate(false, server.endpoint());
    gate.pass("output");
    assertThat(asked).isEmpty();

    // The beat that comes first after a pause does not hide it.
    pulse.beat(System.nanoTime() + 2 * Pulse.LATE_NS);
    assertThat(gate.isOpen()).isFalse();
    gate.pass("output");
    assertThat(asked).containsExactly(new ResolveRegions(PROCESS, 3, List.of()));

    runs = false;
    pulse.beat(System.nanoTime() + 6 * Pulse.LATE_NS);
    assertThatThrownBy(() -> gate.pass("output")).isInstanceOf(ProgramStopped.class);
    assertThatThrownBy(() -> gate.pass("output")).isInstanceOf(ProgramStopped.class);
    assertThat(expelled.get()).isEqualTo(2);
  }

  @Test
  void shouldHaveNoFirstEffectOfAnIncarnationThatWasExpelledWhileItWasOutOfReach() {
    pulse.beat(System.nanoTime());
    EffectGate gate = gate(true, server.endpoint());
    runs = false;

    assertThatThrownBy(() -> gate.pass("output")).isInstanceOf(ProgramStopped.class);

    assertThat(gate.isOpen()).isFalse();
    assertThat(expelled.get()).isEqualTo(1);
  }

  @Test
  void shouldLetFurtherEffectsGoOnWithoutAManager() {
    pulse.beat(System.nanoTime());
    EffectGate gate = gate(true, server.endpoint());
    gate.pass("output");

    server.close();

    pulse.beat(System.nanoTime());
    gate.pass("output");
    assertThat(asked).containsExactly(new FirstEffect(PROCESS, 3, "output"));
  }

  @Test
  void shouldWaitForAManagerThatIsAwayWithALimitAndAClearLine() {
    pulse.beat(System.nanoTime());
    Endpoint nobody = new Endpoint("127.0.0.1", 99);
    EffectGate gate = gate(true, nobody);

    assertThatThrownBy(() -> gate.pass("output"))
        .isInstanceOf(ProgramStopped.class)
        .hasMessageStartingWith("the manager does not say whether it may go on: ");
    assertThat(gate.isOpen()).isFalse();
  }

  private void require(ControlRequest<?> request) {
    asked.add(request);
    if (!runs) {
      throw new ControlFault(ControlFault.Code.DENIED, "process 7 incarnation 3 does not run");
    }
  }

  private EffectGate gate(boolean announces, Endpoint manager) {
    return new ManagerEffectGate(
        client, manager, PROCESS, 3, announces, pulse, expelled::incrementAndGet, AWAY_LIMIT);
  }
}
