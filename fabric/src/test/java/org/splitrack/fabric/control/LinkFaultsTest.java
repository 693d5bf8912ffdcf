package org.splitrack.fabric.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.splitrack.fabric.ComponentId;
import org.splitrack.fabric.Role;
import org.splitrack.fabric.control.ComponentCalls.ChangeCuts;
import org.splitrack.fabric.control.ComponentCalls.EmulateLinks;
import org.splitrack.fabric.control.ComponentCalls.Halt;
import org.splitrack.fabric.testkit.TestRack;
import org.splitrack.fabric.transport.Dialer;
import org.splitrack.fabric.transport.FabricServer;
import org.splitrack.fabric.transport.LinkProfile;
import org.splitrack.fabric.transport.LinkShim;
import org.splitrack.fabric.transport.TcpTransport;
import org.splitrack.fabric.transport.Transport;
import org.splitrack.fabric.wire.Lane;

class LinkFaultsTest {
  private final AtomicBoolean halted = new AtomicBoolean();
  private static final Duration SOON = Duration.ofSeconds(10);
  private static final Duration A_MOMENT = Duration.ofMillis(150);

  record Knock() implements ControlRequest<ControlReply.Done> {}

  private static final CallRules RULES =
      CallRules.RACK.with(Set.of(Role.PCOMPONENT), Set.of(Role.MCOMPONENT), List.of(Knock.class));

  private final LinkShim links = new LinkShim(new TcpTransport(), LinkProfile.PLAIN);
  private final ControlClient command = client("cli-0");
  private final ControlClient first = client("pcomponent-0");
  private final ControlClient second = client("pcomponent-1");
  private FabricServer server;

  @BeforeEach
  void listen() throws IOException {
    server = serve(links);
  }

  @AfterEach
  void close() {
    List.of(command, first, second).forEach(ControlClient::close);
    server.close();
  }

  @Test
  void shouldKeepAnswersFromTheOneThatIsCutUntilHealed() {
    // given connections that exist already
    knock(first);
    knock(second);

    // when
    assertThat(change(command, List.of(id("pcomponent-0")), List.of()))
        .containsExactly(id("pcomponent-0"));

    // then neither an old connection nor a new one brings it an answer, and others get theirs
    assertThat(failure(() -> first.call(server.endpoint(), new Knock(), A_MOMENT)).code())
        .isEqualTo(ControlFault.Code.UNREACHABLE);
    assertThat(failure(() -> first.call(server.endpoint(), new Knock(), A_MOMENT)).code())
        .isEqualTo(ControlFault.Code.UNREACHABLE);
    knock(second);

    // when
    assertThat(change(command, List.of(), List.of(id("pcomponent-0")))).isEmpty();

    // then
    knock(first);
  }

  @Test
  void shouldTakeCutsFromTheCommandOnly() {
    assertThat(failure(() -> change(first, List.of(id("pcomponent-1")), List.of())))
        .hasMessage("ChangeCuts is not for pcomponent")
        .extracting(ControlFault::code)
        .isEqualTo(ControlFault.Code.DENIED);
    knock(second);
  }

  @Test
  void shouldSayWhenLinksCannotBeChanged() throws IOException {
    try (FabricServer plain = serve(new TcpTransport())) {
      assertThat(
              failure(
                  () -> command.call(plain.endpoint(), new ChangeCuts(List.of(), List.of()), SOON)))
          .hasMessageContaining("cannot be changed");
    }
  }

  @Test
  void shouldHoldBackAnswersForAsLongAsTheLinkIsSlow() {
    // given
    slow(command, 300_000);

    // when
    assertThat(failure(() -> first.call(server.endpoint(), new Knock(), Duration.ofMillis(100))))
        .extracting(ControlFault::code)
        .isEqualTo(ControlFault.Code.UNREACHABLE);

    // then it was late, not lost, and is as before at the end
    knock(first);
    slow(command, 0);
    knock(second);
  }

  @Test
  void shouldRefuseADelayThatCannotBeAndOneThatTheCommandDidNotAskFor() {
    assertThat(failure(() -> slow(command, -1)).code()).isEqualTo(ControlFault.Code.BAD_REQUEST);
    assertThat(failure(() -> slow(first, 1)).code()).isEqualTo(ControlFault.Code.DENIED);
    knock(second);
  }

  @Test
  void shouldEndWithoutAWordWhenTheCommandSaysSoAndOnlyThen() {
    assertThat(failure(() -> first.call(server.endpoint(), new Halt(), SOON)).code())
        .isEqualTo(ControlFault.Code.DENIED);
    assertThat(halted).isFalse();

    assertThat(command.call(server.endpoint(), new Halt(), SOON)).isNotNull();
    assertThat(halted).isTrue();
  }

  private FabricServer serve(Transport transport) throws IOException {
    ControlServer control = new ControlServer(TestRack.RACK, 1, RULES);
    control.register(Knock.class, (_, _, _) -> new ControlReply.Done());
    LinkFaults.register(control, transport, () -> halted.set(true));
    return FabricServer.start(
        transport,
        TestRack.identity("mcomponent-0"),
        TestRack.ANY_PORT,
        Map.of(Lane.CONTROL, control));
  }

  private static ControlClient client(String name) {
    return new ControlClient(new Dialer(new TcpTransport(), TestRack.identity(name)), RULES);
  }

  private static ComponentId id(String name) {
    return ComponentId.parse(name);
  }

  private void knock(ControlClient client) {
    assertThat(client.call(server.endpoint(), new Knock(), SOON)).isNotNull();
  }

  private void slow(ControlClient client, long delayUs) {
    assertThat(client.call(server.endpoint(), new EmulateLinks(delayUs, 0), SOON)).isNotNull();
  }

  private List<ComponentId> change(
      ControlClient client, List<ComponentId> cut, List<ComponentId> heal) {
    return client.call(server.endpoint(), new ChangeCuts(cut, heal), SOON).peers();
  }

  private static ControlFault failure(org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
    return catchThrowableOfType(ControlFault.class, call);
  }
}
