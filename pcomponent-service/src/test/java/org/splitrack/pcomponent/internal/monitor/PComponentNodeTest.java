package org.splitrack.pcomponent.internal.monitor;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.splitrack.fabric.Endpoint;
import org.splitrack.fabric.ProcessId;
import org.splitrack.fabric.attach.AttachClient;
import org.splitrack.fabric.attach.ProgramOutcome;
import org.splitrack.fabric.config.ComponentSettings;
import org.splitrack.fabric.control.Answer;
import org.splitrack.fabric.control.ControlClient;
import org.splitrack.fabric.control.ControlFault;
import org.splitrack.fabric.control.ControlReply;
import org.splitrack.fabric.control.ControlRequest;
import org.splitrack.fabric.control.ProcessCalls.Output;
import org.splitrack.fabric.control.ProcessCalls.ReadOutput;
import org.splitrack.fabric.control.ProcessCalls.SetProcess;
import org.splitrack.fabric.control.ProcessCalls.StartProcess;
import org.splitrack.fabric.control.ProcessCalls.StopProcess;
import org.splitrack.fabric.control.ProcessSpec;
import org.splitrack.fabric.testkit.TestRack;
import org.splitrack.fabric.transport.Dialer;
import org.splitrack.fabric.transport.TcpTransport;

@Timeout(120)
class PComponentNodeTest {
  private static final Duration SOON = Duration.ofSeconds(30);
  private static final Duration MEMORY_PATIENCE = Duration.ofSeconds(3);
  private static final ProcessId PROCESS = new ProcessId(5);

  @TempDir Path folder;
  private final TcpTransport transport = new TcpTransport();
  private final Dialer manages = new Dialer(transport, TestRack.identity("global-manager-0"));
  private final Dialer command = new Dialer(transport, TestRack.identity("cli-0"));
  private final ControlClient control = new ControlClient(manages);
  private PretendedManager manager;
  private PComponentNode node;

  @BeforeEach
  void start() throws IOException {
    manager = new PretendedManager();
    node =
        PComponentNode.start(
            settings(manager.endpoint()),
            TestRack.identity("pcomponent-0"),
            transport,
            "127.0.0.1:1",
            MEMORY_PATIENCE);
    await().atMost(SOON).until(node::registered);
  }

  @AfterEach
  void close() {
    node.close();
    manager.close();
    control.close();
  }

  private ComponentSettings settings(Endpoint managerEndpoint) {
    Map<String, String> properties =
        Map.of(
            "splitrack.component", "pcomponent-0",
            "splitrack.rack-id", TestRack.RACK.toString(),
            "splitrack.secret-file", folder.resolve("secret").toString(),
            "splitrack.data-dir", folder.toString(),
            "splitrack.manager", managerEndpoint.toString(),
            "splitrack.kafka", "127.0.0.1:1",
            "splitrack.cache-bytes", "33554432");
    return ComponentSettings.read(properties::get);
  }

  private static byte[] example(String name) throws IOException {
    return Files.readAllBytes(Path.of("..", "examples", "testbed", name + ".wasm"));
  }

  private static ProcessSpec spec(byte[] module, boolean detached, String... args)
      throws Exception {
    String digest = HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(module));
    return new ProcessSpec(
        "program",
        digest,
        List.of(args),
        Map.of(),
        List.of(),
        "default",
        "tester",
        null,
        "none",
        "leap",
        "clock",
        "default",
        false,
        "fail",
        detached);
  }

  private <R extends ControlReply> R call(ControlRequest<R> request) {
    return control.call(node.endpoint(), request, SOON);
  }

  private ControlFault.Code refused(ControlRequest<?> request, byte @Nullable [] attachment) {
    ControlFault fault =
        catchThrowableOfType(
            ControlFault.class, () -> control.exchange(node.endpoint(), request, attachment, SOON));
    return Objects.requireNonNull(fault).code();
  }

  private void start(byte[] module, ProcessSpec spec) {
    control.exchange(node.endpoint(), new StartProcess(PROCESS, 1, "secret", spec), module, SOON);
  }

  @Test
  void shouldRegisterWithItsFrames() {
    assertThat(manager.registrations)
        .singleElement()
        .satisfies(
            register -> {
              assertThat(register.capacityBytes()).isEqualTo(32 << 20);
              assertThat(register.endpoint()).isEqualTo(node.endpoint());
            });
  }

  @Test
  void shouldRunAProgramForItsCommandAndTellTheManager() throws Exception {
    byte[] module = example("exitcode");
    start(module, spec(module, false, "exitcode", "9"));

    try (AttachClient client =
        AttachClient.connect(command, node.endpoint(), PROCESS, "secret", SOON)) {
      ProgramOutcome outcome = client.awaitEnd(new IgnoredOutput());
      assertThat(outcome.exitCode()).as(outcome.toString()).isEqualTo(9);
    }

    assertThat(manager.ends)
        .as("told before the command")
        .singleElement()
        .satisfies(
            end -> {
              assertThat(end.process()).isEqualTo(PROCESS);
              assertThat(end.exitCode()).isEqualTo(9);
              assertThat(end.stats()).containsKey("wall_ms");
            });
  }

  @Test
  void shouldRunADetachedProcessUntilItIsStoppedAndKeepItsOutput() throws Exception {
    byte[] module = example("endless");
    start(module, spec(module, true, "endless"));
    await().atMost(SOON).until(() -> output(0).equals("started\n"));
    await()
        .atMost(SOON)
        .until(() -> manager.heartbeats.getLast().processes().equals(List.of(PROCESS.value())));
    assertThat(call(new ReadOutput(PROCESS, 0, 100)).ended()).isFalse();

    call(new SetProcess(PROCESS, Map.of("cache", "25%")));
    call(new StopProcess(PROCESS, "the test stops it"));

    await().atMost(SOON).until(() -> !manager.ends.isEmpty());
    assertThat(manager.ends.getFirst().state()).isEqualTo("stopped");
    await().atMost(SOON).until(() -> call(new ReadOutput(PROCESS, 0, 100)).ended());
    assertThat(output(3)).isEqualTo("rted\n");
  }

  private String output(long offset) {
    Answer<Output> answer =
        control.exchange(node.endpoint(), new ReadOutput(PROCESS, offset, 100), null, SOON);
    return new String(Objects.requireNonNull(answer.attachment()), UTF_8);
  }

  @Test
  void shouldAskForTheModuleOnce() throws Exception {
    byte[] module = example("exitcode");
    ProcessSpec spec = spec(module, true, "exitcode", "0");
    StartProcess first = new StartProcess(PROCESS, 1, "secret", spec);

    assertThat(refused(first, null)).isEqualTo(ControlFault.Code.NOT_FOUND);
    start(module, spec);
    await().atMost(SOON).until(() -> manager.ends.size() == 1);
    call(new StartProcess(new ProcessId(6), 1, "secret", spec));
    await().atMost(SOON).until(() -> manager.ends.size() == 2);
    call(first);

    assertThat(manager.ends).allMatch(end -> end.exitCode() == 0).hasSize(2);
  }

  @Test
  void shouldRefuseWhatMakesNoSense() throws Exception {
    byte[] module = example("exitcode");
    ProcessSpec spec = spec(module, true, "exitcode", "0");

    assertThat(refused(new StartProcess(PROCESS, 1, "t", spec), new byte[] {1, 2, 3}))
        .isEqualTo(ControlFault.Code.BAD_REQUEST);
    assertThat(refused(new StopProcess(PROCESS, "why"), null))
        .isEqualTo(ControlFault.Code.NOT_FOUND);
    assertThat(refused(new ReadOutput(PROCESS, 0, 10), null))
        .isEqualTo(ControlFault.Code.NOT_FOUND);
    start(module, spec);
    assertThat(refused(new StartProcess(PROCESS, 2, "t", spec), module))
        .isEqualTo(ControlFault.Code.EXISTS);
    assertThat(refused(new SetProcess(PROCESS, Map.of("cache", "much")), null))
        .isEqualTo(ControlFault.Code.BAD_REQUEST);
    assertThat(refused(new SetProcess(PROCESS, Map.of("colour", "red")), null))
        .isEqualTo(ControlFault.Code.BAD_REQUEST);
    assertThat(refused(new ReadOutput(PROCESS, -1, 10), null))
        .isEqualTo(ControlFault.Code.BAD_REQUEST);
  }

  @Test
  void shouldGrowUntilTheManagerRefuses() throws Exception {
    byte[] module = example("grow");
    start(module, spec(module, false, "grow", "16", "200"));
    CapturedOutput captured = new CapturedOutput();

    try (AttachClient client =
        AttachClient.connect(command, node.endpoint(), PROCESS, "secret", SOON)) {
      ProgramOutcome outcome = client.awaitEnd(captured);
      assertThat(outcome.exitCode()).as(outcome.toString()).isZero();
      assertThat(outcome.stats()).containsEntry("mcomponents", 1);
    }
    assertThat(captured.output.toString(UTF_8)).contains("grown 192", "refused 0", "intact");
  }

  @Test
  void shouldEndAProcessWhoseHomesDoNotAnswer() throws Exception {
    byte[] module = example("memcheck");
    start(module, spec(module, false, "memcheck", "40M", "1"));

    try (AttachClient client =
        AttachClient.connect(command, node.endpoint(), PROCESS, "secret", SOON)) {
      ProgramOutcome outcome = client.awaitEnd(new IgnoredOutput());
      assertThat(outcome.exitCode()).isEqualTo(125);
      assertThat(outcome.reason()).contains("memory failed");
    }
  }

  @Test
  void shouldTellTheEndsOfItsProcessesWhenItCloses() throws Exception {
    byte[] module = example("endless");
    start(module, spec(module, true, "endless"));
    await().atMost(SOON).until(() -> output(0).equals("started\n"));

    node.close();

    assertThat(manager.ends).singleElement().matches(end -> end.exitCode() == 143);
  }

  private static final class IgnoredOutput implements AttachClient.Receiver {
    @Override
    public void output(byte[] bytes, int length) {}

    @Override
    public void error(byte[] bytes, int length) {}
  }

  private static final class CapturedOutput implements AttachClient.Receiver {
    final ByteArrayOutputStream output = new ByteArrayOutputStream();

    @Override
    public void output(byte[] bytes, int length) {
      output.write(bytes, 0, length);
    }

    @Override
    public void error(byte[] bytes, int length) {
      throw new AssertionError(new String(bytes, 0, length, UTF_8));
    }
  }
}
