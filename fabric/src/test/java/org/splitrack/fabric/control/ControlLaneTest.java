package org.splitrack.fabric.control;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.splitrack.fabric.ComponentId;
import org.splitrack.fabric.Role;
import org.splitrack.fabric.testkit.TestRack;
import org.splitrack.fabric.transport.Connection;
import org.splitrack.fabric.transport.Dialer;
import org.splitrack.fabric.transport.FabricServer;
import org.splitrack.fabric.transport.FrameStream;
import org.splitrack.fabric.transport.Identity;
import org.splitrack.fabric.transport.TcpTransport;
import org.splitrack.fabric.wire.FrameHeader;
import org.splitrack.fabric.wire.Lane;
import org.splitrack.fabric.wire.MessageType;

class ControlLaneTest {
  private static final Duration SOON = Duration.ofSeconds(10);
  private static final int MAX_ATTACHED = 4 << 20;

  record Echo(ComponentId who, String someText, @Nullable Integer mayBeMissing, List<Long> numbers)
      implements ControlRequest<Echoed> {}

  record Echoed(ComponentId who, String someText, @Nullable Integer mayBeMissing, int caller)
      implements ControlReply {}

  record Ping() implements ControlRequest<ControlReply.Done> {}

  record Refuse(String how) implements ControlRequest<ControlReply.Done> {}

  record NotForThis() implements ControlRequest<ControlReply.Done> {}

  record NotOfThis() implements ControlRequest<ControlReply.Done> {}

  record Wait() implements ControlRequest<ControlReply.Done> {}

  private static final CallRules RULES =
      CallRules.RACK
          .with(
              Set.of(Role.PCOMPONENT),
              Set.of(Role.GLOBAL_MANAGER),
              List.of(Echo.class, Ping.class, Refuse.class, Wait.class))
          .with(Set.of(Role.MCOMPONENT), Set.of(Role.GLOBAL_MANAGER), List.of(NotForThis.class))
          .with(Set.of(Role.PCOMPONENT), Set.of(Role.SCOMPONENT), List.of(NotOfThis.class));

  private final TcpTransport transport = new TcpTransport();
  private final Identity server = TestRack.identity("global-manager-0");
  private final Dialer dialer = new Dialer(transport, TestRack.identity("pcomponent-1"));
  private final ControlServer control = new ControlServer(TestRack.RACK, MAX_ATTACHED, RULES);
  private final ControlClient client = new ControlClient(dialer, RULES);
  private final CountDownLatch release = new CountDownLatch(1);
  private final AtomicInteger waiting = new AtomicInteger();
  private FabricServer fabric;

  @BeforeEach
  void listen() throws IOException {
    control.register(
        Echo.class,
        (echo, attachment, peer) ->
            new Echoed(
                echo.who(), echo.someText(), echo.mayBeMissing(), peer.component().ordinal()));
    control.registerExchange(
        Ping.class, (ping, attachment, peer) -> new Answer<>(new ControlReply.Done(), attachment));
    control.register(
        Refuse.class,
        (refuse, attachment, peer) -> {
          if (refuse.how().equals("defect")) {
            throw new IllegalStateException("broken");
          }
          throw new ControlFault(ControlFault.Code.valueOf(refuse.how()), "no: " + refuse.how());
        });
    control.register(
        Wait.class,
        (wait, attachment, peer) -> {
          waiting.incrementAndGet();
          try {
            release.await();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
          return new ControlReply.Done();
        });
    fabric = TestRack.server(transport, server, Map.of(Lane.CONTROL, control));
  }

  @AfterEach
  void stop() {
    release.countDown();
    client.close();
    fabric.close();
  }

  @Test
  void shouldCarryRecordsThereAndBack() {
    Echo echo =
        new Echo(ComponentId.parse("scomponent-4"), "grüße \u0000 \"x\"", null, List.of(1L, 2L));

    Echoed echoed = client.call(fabric.endpoint(), echo, SOON);

    assertThat(echoed).isEqualTo(new Echoed(echo.who(), echo.someText(), null, 1));
  }

  @Test
  void shouldCarryAttachmentsBothWaysAndTellEmptyFromNone() {
    byte[] large = new byte[1_000_003];
    for (int i = 0; i < large.length; i++) {
      large[i] = (byte) (i * 31);
    }

    assertThat(ping(large)).isEqualTo(large);
    assertThat(ping(new byte[0])).isEmpty();
    assertThat(ping(null)).isNull();
  }

  @Test
  void shouldUseAConnectionAgain() {
    for (int i = 0; i < 20; i++) {
      ping(null);
    }

    assertThat(fabric.connections()).isEqualTo(1);
  }

  @Test
  void shouldDialAgainWhenTheServerWasRestarted() throws IOException {
    ping(null);
    fabric.close();
    fabric =
        FabricServer.start(transport, server, fabric.endpoint(), Map.of(Lane.CONTROL, control));

    // The old connection's end may show only when it is used.
    await()
        .ignoreException(ControlFault.class)
        .untilAsserted(() -> assertThat(ping(new byte[] {7})).containsExactly(7));
  }

  @Test
  void shouldCarryEachRefusalsCodeAndMessage() {
    for (ControlFault.Code code : ControlFault.Code.values()) {
      ControlFault fault = refused(new Refuse(code.name()));

      assertThat(fault.code()).isEqualTo(code);
      assertThat(fault).hasMessage("no: " + code);
    }
  }

  @Test
  void shouldAnswerADefectAsFailedAndGoOn() {
    assertThat(refused(new Refuse("defect")).code()).isEqualTo(ControlFault.Code.FAILED);
    assertThat(ping(new byte[] {1})).containsExactly(1);
  }

  @Test
  void shouldRefuseACallThatNobodyHandles() throws IOException {
    assertThat(raw("{\"type\":\"Unheard\",\"request\":{}}")).contains("BAD_REQUEST", "Unheard");
  }

  @Test
  void shouldRefuseACallThatIsNotForTheCallersRole() {
    control.register(NotForThis.class, (_, _, _) -> new ControlReply.Done());

    ControlFault fault = refused(new NotForThis());

    assertThat(fault.code()).isEqualTo(ControlFault.Code.DENIED);
    assertThat(fault).hasMessage("NotForThis is not for pcomponent");
    assertThat(ping(new byte[] {3})).containsExactly(3);
  }

  @Test
  void shouldSayNothingToWhomeverACallIsNotFor() {
    control.register(
        NotOfThis.class,
        (_, _, _) -> {
          throw new IllegalStateException("it was sent all the same");
        });

    ControlFault fault = refused(new NotOfThis());

    assertThat(fault.code()).isEqualTo(ControlFault.Code.DENIED);
    assertThat(fault)
        .hasMessage("NotOfThis is not for global-manager-0, which answers at " + fabric.endpoint());
  }

  @Test
  void shouldRefuseARequestThatDoesNotFitItsType() throws IOException {
    String answer =
        raw("{\"type\":\"Echo\",\"request\":{\"who\":\"nonsense\",\"numbers\":[\"x\"]}}");

    assertThat(answer).contains("BAD_REQUEST", "Echo is wrong").doesNotContain("\\n");
  }

  @Test
  void shouldRefuseARequestThatLacksWhatItsTypePromises() throws IOException {
    assertThat(raw("{\"type\":\"Echo\",\"request\":{\"some_text\":\"x\",\"numbers\":[]}}"))
        .contains("BAD_REQUEST", "Echo lacks who");
    assertThat(
            raw(
                "{\"type\":\"Echo\",\"request\":"
                    + "{\"who\":\"kafka-0\",\"some_text\":\"x\",\"numbers\":[1,null]}}"))
        .contains("BAD_REQUEST", "Echo lacks numbers.an element");
  }

  @Test
  void shouldRefuseWhatIsNoJson() throws IOException {
    assertThat(raw("{{{")).contains("BAD_REQUEST", "no JSON");
    assertThat(raw("[]")).contains("BAD_REQUEST");
    assertThat(raw("{\"type\":\"Ping\"}")).contains("BAD_REQUEST");
  }

  @Test
  void shouldCloseOnAFrameThatIsTooLongBeforeReadingIt() throws IOException {
    assertThat(closedAfter(MessageType.CONTROL, ControlFrames.MAX_BODY_BYTES + 1, 2)).isTrue();
    assertThat(closedAfter(MessageType.CONTROL, -1, 2)).isTrue();
    assertThat(closedAfter(MessageType.CONTROL, ControlFrames.MAX_BODY_BYTES, 2)).isTrue();
    assertThat(closedAfter(MessageType.CONTROL, 2, 3)).isTrue();
  }

  @Test
  void shouldCloseOnAFrameOfAnotherLane() throws IOException {
    assertThat(closedAfter(MessageType.READ_PAGE, 0, 0)).isTrue();
  }

  @Test
  void shouldRefuseToSendWhatIsTooLong() {
    ControlFault fault =
        catchThrowableOfType(
            ControlFault.class,
            () ->
                client.call(
                    fabric.endpoint(), new Refuse("x".repeat(ControlFrames.MAX_JSON_BYTES)), SOON));

    assertThat(fault.code()).isEqualTo(ControlFault.Code.BAD_REQUEST);
  }

  @Test
  void shouldGiveUpWhenTheAnswerDoesNotCome() {
    assertThatThrownBy(() -> client.call(fabric.endpoint(), new Wait(), Duration.ofMillis(100)))
        .isInstanceOfSatisfying(
            ControlFault.class,
            fault -> assertThat(fault.code()).isEqualTo(ControlFault.Code.UNREACHABLE))
        .hasMessageContaining("longer than");
  }

  @Test
  void shouldSayThatNobodyListens() {
    fabric.close();

    assertThatThrownBy(() -> client.call(fabric.endpoint(), new Ping(), SOON))
        .isInstanceOfSatisfying(
            ControlFault.class,
            fault -> assertThat(fault.code()).isEqualTo(ControlFault.Code.UNREACHABLE))
        .hasMessageContaining(fabric.endpoint().toString());
  }

  @Test
  void shouldRefuseMoreCallsAtOnceThanAllowedAndServeAgainAfterwards() throws Exception {
    List<CompletableFuture<Void>> running = new ArrayList<>();
    for (int i = 0; i < ControlServer.MAX_CALLS; i++) {
      CompletableFuture<Void> done = new CompletableFuture<>();
      running.add(done);
      Thread.ofVirtual()
          .start(
              () -> {
                client.call(fabric.endpoint(), new Wait(), Duration.ofSeconds(60));
                done.complete(null);
              });
    }
    await().untilAsserted(() -> assertThat(waiting).hasValue(ControlServer.MAX_CALLS));

    assertThat(refused(new Ping()).code()).isEqualTo(ControlFault.Code.UNAVAILABLE);

    release.countDown();
    CompletableFuture.allOf(running.toArray(CompletableFuture[]::new)).get();
    assertThat(ping(new byte[] {3})).containsExactly(3);
    await()
        .untilAsserted(
            () -> assertThat(fabric.connections()).isLessThanOrEqualTo(ControlClient.MAX_IDLE));
  }

  @Test
  void shouldRefuseAnAttachmentForWhichThereIsNoRoom() {
    ControlFault fault =
        catchThrowableOfType(ControlFault.class, () -> ping(new byte[MAX_ATTACHED + 1]));

    assertThat(fault.code()).isEqualTo(ControlFault.Code.UNAVAILABLE);
    assertThat(ping(new byte[MAX_ATTACHED])).hasSize(MAX_ATTACHED);
  }

  private byte @Nullable [] ping(byte @Nullable [] attachment) {
    return client.exchange(fabric.endpoint(), new Ping(), attachment, SOON).attachment();
  }

  private ControlFault refused(ControlRequest<?> request) {
    return catchThrowableOfType(
        ControlFault.class, () -> client.call(fabric.endpoint(), request, SOON));
  }

  private String raw(String json) throws IOException {
    Connection connection = dialer.connect(fabric.endpoint(), Lane.CONTROL, SOON);
    try (FrameStream stream = new FrameStream(connection, TestRack.RACK, 1 << 20)) {
      byte[] bytes = json.getBytes(java.nio.charset.StandardCharsets.UTF_8);
      ByteBuffer header = stream.newHeader(MessageType.CONTROL);
      FrameHeader.page(header, 0, bytes.length);
      stream.send(header, bytes, 0, bytes.length);
      assertThat(stream.next()).isTrue();
      return new String(
          stream.read(stream.bodyRemaining()), java.nio.charset.StandardCharsets.UTF_8);
    }
  }

  private boolean closedAfter(byte type, int bodyLength, int jsonLength) throws IOException {
    try (Connection connection = dialer.connect(fabric.endpoint(), Lane.CONTROL, SOON)) {
      ByteBuffer header = ByteBuffer.allocate(FrameHeader.BYTES).order(ByteOrder.LITTLE_ENDIAN);
      FrameHeader.start(header, 0, type, bodyLength, TestRack.RACK.value());
      FrameHeader.page(header, 0, jsonLength);
      connection.link().write(header);
      return connection.link().read(ByteBuffer.allocate(1)) < 0;
    }
  }
}
