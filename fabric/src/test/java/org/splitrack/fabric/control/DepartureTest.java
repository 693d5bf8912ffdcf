package org.splitrack.fabric.control;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.splitrack.fabric.Endpoint;
import org.splitrack.fabric.control.ComponentCalls.LeaveAnswer;
import org.splitrack.fabric.control.ComponentCalls.PrepareToLeave;
import org.splitrack.fabric.testkit.TestRack;
import org.splitrack.fabric.transport.Dialer;
import org.splitrack.fabric.transport.FabricServer;
import org.splitrack.fabric.transport.Identity;
import org.splitrack.fabric.transport.TcpTransport;
import org.splitrack.fabric.wire.Lane;

class DepartureTest {
  private static final Duration LONG = Duration.ofMinutes(1);
  private static final LeaveAnswer YES = new LeaveAnswer(true, "");
  private static final LeaveAnswer NO = new LeaveAnswer(false, "3 copies of regions are left");

  private final TcpTransport transport = new TcpTransport();
  private final Identity self = TestRack.identity("mcomponent-0");
  private final ControlClient client = new ControlClient(new Dialer(transport, self));
  private final AtomicInteger asked = new AtomicInteger();

  @AfterEach
  void stop() {
    client.close();
  }

  @Test
  void shouldStayUntilTheManagerHasSaidTwiceThatItMayGo() throws IOException {
    try (FabricServer manager = manager(NO, NO, YES, NO, YES, YES)) {
      assertThat(departure(manager.endpoint(), () -> true, () -> true).await(LONG)).isTrue();

      assertThat(asked).hasValue(6);
    }
  }

  @Test
  void shouldStayWhileSomethingIsHereThatTheManagerDoesNotKnowOf() throws IOException {
    AtomicInteger looks = new AtomicInteger();
    try (FabricServer manager = manager()) {
      Departure departure =
          departure(manager.endpoint(), () -> looks.incrementAndGet() > 4, () -> true);

      assertThat(departure.await(LONG)).isTrue();
      assertThat(looks).hasValue(6);
    }
  }

  @Test
  void shouldGoWhenItsTimeIsOver() throws IOException {
    try (FabricServer manager = manager(NO, NO, NO)) {
      assertThat(
              departure(manager.endpoint(), () -> false, () -> true).await(Duration.ofMillis(30)))
          .isFalse();
    }
  }

  @Test
  void shouldStayWithoutAManagerForAsLongAsSomebodyUsesWhatItHas() throws IOException {
    AtomicInteger uses = new AtomicInteger(20);
    Departure departure =
        departure(nowhere(), () -> false, () -> uses.getAndUpdate(n -> Math.max(0, n - 1)) > 0);

    assertThat(departure.await(LONG)).isTrue();
    assertThat(uses).hasValue(0);
  }

  @Test
  void shouldGoWithoutAManagerWhenItHasNothing() throws IOException {
    assertThat(departure(nowhere(), () -> true, () -> true).await(LONG)).isTrue();
  }

  @Test
  void shouldTakeAManagerThatCannotAnswerNowForOneThatIsThere() throws IOException {
    try (FabricServer manager =
        manager(new ControlFault(ControlFault.Code.UNAVAILABLE, "no manager leads"))) {
      assertThat(
              departure(manager.endpoint(), () -> true, () -> false).await(Duration.ofMillis(200)))
          .isFalse();
    }
  }

  /** Another release, another rack, or a certificate that was replaced. */
  @Test
  void shouldGoWithoutAManagerThatItBelongsToWhenItHasNothing() throws IOException {
    try (FabricServer manager =
        manager(new ControlFault(ControlFault.Code.DENIED, "another authority"))) {
      assertThat(departure(manager.endpoint(), () -> true, () -> true).await(LONG)).isTrue();
      assertThat(
              departure(manager.endpoint(), () -> false, () -> true).await(Duration.ofMillis(200)))
          .as("while somebody uses what it has")
          .isFalse();
    }
  }

  private Departure departure(Endpoint manager, BooleanSupplier isEmpty, BooleanSupplier isInUse) {
    return new Departure(
        client,
        manager,
        new PrepareToLeave(self.component(), self.boot()),
        isEmpty,
        isInUse,
        new Departure.Pace(Duration.ofMillis(5), Duration.ofMillis(50)));
  }

  private Endpoint nowhere() throws IOException {
    try (var listener = transport.listen(TestRack.ANY_PORT)) {
      return listener.endpoint();
    }
  }

  /** Gives these answers in turn, and then always yes. */
  private FabricServer manager(LeaveAnswer... answers) throws IOException {
    Queue<LeaveAnswer> next = new ArrayDeque<>(List.of(answers));
    return serve(
        () -> {
          LeaveAnswer answer = next.poll();
          return answer == null ? YES : answer;
        });
  }

  private FabricServer manager(ControlFault always) throws IOException {
    return serve(
        () -> {
          throw always;
        });
  }

  private interface Answers {
    LeaveAnswer next();
  }

  private FabricServer serve(Answers answers) throws IOException {
    ControlServer control = new ControlServer(TestRack.RACK);
    control.register(
        PrepareToLeave.class,
        (request, attachment, peer) -> {
          asked.incrementAndGet();
          return answers.next();
        });
    return FabricServer.start(
        transport,
        TestRack.identity("global-manager-0"),
        TestRack.ANY_PORT,
        Map.of(Lane.CONTROL, control));
  }
}
