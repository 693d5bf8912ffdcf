package org.splitrack.fabric.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.splitrack.fabric.BootId;
import org.splitrack.fabric.ComponentId;
import org.splitrack.fabric.Endpoint;
import org.splitrack.fabric.RackId;
import org.splitrack.fabric.control.ComponentCalls.Heartbeat;
import org.splitrack.fabric.control.ComponentCalls.HeartbeatAnswer;
import org.splitrack.fabric.control.ComponentCalls.Leave;
import org.splitrack.fabric.control.ComponentCalls.Register;
import org.splitrack.fabric.control.ComponentCalls.Registered;
import org.splitrack.fabric.testkit.TestRack;
import org.splitrack.fabric.transport.Dialer;
import org.splitrack.fabric.transport.FabricServer;
import org.splitrack.fabric.transport.Identity;
import org.splitrack.fabric.transport.Listener;
import org.splitrack.fabric.transport.TcpTransport;
import org.splitrack.fabric.wire.Lane;

class ManagerLinkTest {
  private final TcpTransport transport = new TcpTransport();
  private final Identity self = TestRack.identity("mcomponent-2");
  private final ControlClient client = new ControlClient(new Dialer(transport, self));
  private final AtomicInteger registrations = new AtomicInteger();
  private final AtomicInteger heartbeats = new AtomicInteger();
  private final AtomicInteger leaves = new AtomicInteger();
  private volatile boolean known = true;

  @AfterEach
  void stop() {
    client.close();
  }

  @Test
  void shouldRegisterAndSendHeartbeats() throws IOException {
    try (FabricServer manager = manager(TestRack.ANY_PORT);
        ManagerLink link = link(manager.endpoint())) {
      await().untilAsserted(() -> assertThat(heartbeats.get()).isGreaterThan(2));

      assertThat(link.registered()).isTrue();
      assertThat(registrations).hasValue(1);
    }
  }

  @Test
  void shouldRegisterAgainWhenTheManagerDoesNotKnowIt() throws IOException {
    try (FabricServer manager = manager(TestRack.ANY_PORT);
        ManagerLink link = link(manager.endpoint())) {
      await().until(link::registered);

      known = false;

      await().untilAsserted(() -> assertThat(registrations.get()).isGreaterThan(2));
    }
  }

  @Test
  void shouldWaitForAManagerThatStartsLater() throws IOException {
    Endpoint later = freeEndpoint();
    try (ManagerLink link = link(later)) {
      assertThat(link.registered()).isFalse();

      try (FabricServer manager = manager(later)) {
        await().until(link::registered);
        assertThat(manager.connections()).isPositive();
      }
    }
  }

  @Test
  void shouldSayThatItLeaves() throws IOException {
    try (FabricServer manager = manager(TestRack.ANY_PORT)) {
      ManagerLink link = link(manager.endpoint());
      await().until(link::registered);

      link.close();

      assertThat(leaves).hasValue(1);
    }
  }

  @Test
  void shouldGiveUpWithTheReasonWhenItWasNeverTakenAndIsRefusedAllTheTime() throws Exception {
    Identity stranger =
        new Identity(new RackId(0xbadL), self.component(), self.boot(), TestRack.SECRET);
    BlockingQueue<String> reasons = new LinkedBlockingQueue<>();
    try (FabricServer manager = manager(TestRack.ANY_PORT);
        ControlClient strange = new ControlClient(new Dialer(transport, stranger));
        ManagerLink link =
            link(strange, manager.endpoint(), Duration.ofMillis(200), reasons::add)) {
      assertThat(reasons.take())
          .contains("0000000000000bad is not this rack")
          .contains(manager.endpoint().toString())
          .doesNotContain("\n");
      long refused = manager.refused();

      assertThat(refused).isGreaterThan(2);
      assertThat(link.registered()).isFalse();
    }
  }

  @Test
  void shouldAskOnWhenTheManagerIsNotThereAndWhenOneThatTookItRefusesItLater() throws Exception {
    Endpoint place = freeEndpoint();
    BlockingQueue<String> reasons = new LinkedBlockingQueue<>();
    try (ManagerLink link = link(client, place, Duration.ZERO, reasons::add)) {
      await().pollDelay(Duration.ofMillis(300)).until(() -> !link.registered());
      try (FabricServer manager = manager(place)) {
        await().until(link::registered);
        assertThat(manager.refused()).isZero();
      }
      Identity another =
          new Identity(
              new RackId(0xbadL),
              ComponentId.parse("global-manager-0"),
              BootId.random(),
              TestRack.SECRET);

      try (FabricServer refusing =
          FabricServer.start(
              transport, another, place, Map.of(Lane.CONTROL, new ControlServer(another.rack())))) {
        await().until(() -> refusing.refused() > 2);
      }

      assertThat(reasons).isEmpty();
    }
  }

  private Endpoint freeEndpoint() throws IOException {
    try (Listener listener = transport.listen(TestRack.ANY_PORT)) {
      return listener.endpoint();
    }
  }

  private ManagerLink link(Endpoint manager) {
    return link(client, manager, Duration.ofMinutes(1), reason -> {});
  }

  private ManagerLink link(
      ControlClient from, Endpoint manager, Duration refusedLimit, Consumer<String> onRefused) {
    return ManagerLink.start(
        from,
        manager,
        () ->
            new Register(
                self.component(),
                self.boot(),
                new Endpoint("127.0.0.1", 1),
                "127.0.0.1:2",
                4096,
                "node",
                "plain",
                1),
        () -> new Heartbeat(self.component(), self.boot(), 0, 0, List.of(), ""),
        refusedLimit,
        onRefused);
  }

  private FabricServer manager(Endpoint endpoint) throws IOException {
    ControlServer control = new ControlServer(TestRack.RACK);
    BootId managerBoot = BootId.random();
    control.register(
        Register.class,
        (register, attachment, peer) -> {
          assertThat(peer.boot()).isEqualTo(register.boot());
          registrations.incrementAndGet();
          return new Registered(managerBoot, 10);
        });
    control.register(
        Heartbeat.class,
        (heartbeat, attachment, peer) -> {
          heartbeats.incrementAndGet();
          return new HeartbeatAnswer(known);
        });
    control.register(
        Leave.class,
        (leave, attachment, peer) -> {
          leaves.incrementAndGet();
          return new ControlReply.Done();
        });
    return FabricServer.start(
        transport, TestRack.identity("global-manager-0"), endpoint, Map.of(Lane.CONTROL, control));
  }
}
