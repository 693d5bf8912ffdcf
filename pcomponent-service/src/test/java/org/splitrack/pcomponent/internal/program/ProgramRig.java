package org.splitrack.pcomponent.internal.program;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.splitrack.fabric.PageGeometry.PAGE_BYTES;
import static org.splitrack.fabric.PageGeometry.regionIndex;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.splitrack.fabric.BootId;
import org.splitrack.fabric.ComponentId;
import org.splitrack.fabric.Endpoint;
import org.splitrack.fabric.ProcessId;
import org.splitrack.fabric.RackId;
import org.splitrack.fabric.RegionId;
import org.splitrack.fabric.attach.AttachClient;
import org.splitrack.fabric.attach.ProgramOutcome;
import org.splitrack.fabric.control.ProcessCalls.ProcessEnded;
import org.splitrack.fabric.control.ProcessCalls.StartProcess;
import org.splitrack.fabric.control.ProcessSpec;
import org.splitrack.fabric.memory.FramePool;
import org.splitrack.fabric.memory.RegionTable;
import org.splitrack.fabric.region.AccessGrant;
import org.splitrack.fabric.region.CopyPlace;
import org.splitrack.fabric.report.StateChange;
import org.splitrack.fabric.report.StateReporter;
import org.splitrack.fabric.transport.Dialer;
import org.splitrack.fabric.transport.FabricServer;
import org.splitrack.fabric.transport.Identity;
import org.splitrack.fabric.transport.SharedSecret;
import org.splitrack.fabric.transport.TcpTransport;
import org.splitrack.fabric.wire.Lane;
import org.splitrack.pcomponent.internal.excache.ExCache;
import org.splitrack.pcomponent.internal.excache.FakeHome;
import org.splitrack.pcomponent.internal.file.MemoryFileSystem;
import org.splitrack.pcomponent.internal.wasm.ProgramCompiler;

/**
 * A pComponent's processes without a rack: memory and files in this JVM, commands over loopback.
 */
final class ProgramRig implements AutoCloseable {
  /** Memory of each process, unless a test says otherwise. */
  static final int HOME_BYTES = 96 << 20;

  static final Duration SOON = Duration.ofSeconds(60);
  private static final Path EXAMPLES = Path.of("..", "examples");
  private static final RackId RACK = new RackId(77);
  private static final SharedSecret SECRET = SharedSecret.parse("00112233445566778899aabbccddeeff");

  final List<StateChange> reports = new CopyOnWriteArrayList<>();
  final List<ProcessEnded> ends = new CopyOnWriteArrayList<>();
  final MemoryFileSystem files = new MemoryFileSystem();
  final ProcessTable table;
  private final int homePages;
  private final FramePool pool = new FramePool(16_384);
  private final ExCache cache = new ExCache(pool);
  private final List<FakeHome> homes = new ArrayList<>();
  private final AtomicLong ids = new AtomicLong();
  private final FabricServer server;
  private final Dialer dialer;

  ProgramRig(Path folder) throws IOException {
    this(folder, HOME_BYTES);
  }

  ProgramRig(Path folder, int homeBytes) throws IOException {
    this.homePages = homeBytes / PAGE_BYTES;
    table =
        new ProcessTable(
            new ProcessSite(
                ComponentId.parse("pcomponent-0"),
                cache,
                new ProgramCompiler(),
                (process, incarnation, onExpelled) -> memory(),
                (process, incarnation, spec) -> files,
                new ListReporter(),
                (process, incarnation, announces, onExpelled) -> EffectGate.OPEN,
                ends::add,
                folder.resolve("output")));
    TcpTransport transport = new TcpTransport();
    server =
        FabricServer.start(
            transport,
            identity("pcomponent-0"),
            new Endpoint("127.0.0.1", 0),
            Map.of(Lane.ATTACH, new AttachLane(RACK, table)));
    dialer = new Dialer(transport, identity("cli-0"));
  }

  private static Identity identity(String component) {
    return new Identity(RACK, ComponentId.parse(component), BootId.random(), SECRET);
  }

  private synchronized ProcessMemory memory() {
    FakeHome home = new FakeHome(pool, homePages, 1, true);
    homes.add(home);
    RegionTable regions = new RegionTable();
    return new ProcessMemory(
        home,
        (from, to) -> {
          if (to > homePages) {
            return false;
          }
          for (int index = regionIndex(from); index <= regionIndex(to - 1); index++) {
            regions.put(grant(index));
          }
          return true;
        },
        regions);
  }

  private static AccessGrant grant(int index) {
    return new AccessGrant(
        new RegionId(index + 1),
        index,
        1,
        1,
        new CopyPlace(
            ComponentId.parse("mcomponent-" + index % 3),
            new BootId(1),
            new Endpoint("127.0.0.1", 1)),
        null,
        4096,
        1,
        false);
  }

  /** What one run of a program gave. */
  record Run(ProgramOutcome outcome, String output, String error) {
    long stat(String key) {
      return Objects.requireNonNull(outcome.stats().get(key), key).longValue();
    }
  }

  /** The octets of {@code examples/NAME.wasm}. */
  static byte[] example(String name) {
    try {
      return Files.readAllBytes(EXAMPLES.resolve(name + ".wasm"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static String digest(byte[] octets) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(octets));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }

  static ProcessSpec spec(byte[] octets, String... args) {
    return new ProcessSpec(
        "program",
        digest(octets),
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
        false);
  }

  static ProcessSpec detached(ProcessSpec spec) {
    return new ProcessSpec(
        spec.name(),
        spec.programDigest(),
        spec.args(),
        spec.environment(),
        spec.directories(),
        spec.tenant(),
        spec.owner(),
        spec.cache(),
        spec.ack(),
        spec.prefetch(),
        spec.evict(),
        spec.safety(),
        spec.strict(),
        spec.onFailure(),
        true);
  }

  static ProcessSpec withCache(ProcessSpec spec, String cache) {
    return new ProcessSpec(
        spec.name(),
        spec.programDigest(),
        spec.args(),
        spec.environment(),
        spec.directories(),
        spec.tenant(),
        spec.owner(),
        cache,
        spec.ack(),
        spec.prefetch(),
        spec.evict(),
        spec.safety(),
        spec.strict(),
        spec.onFailure(),
        spec.detached());
  }

  static ProcessSpec withEnvironment(ProcessSpec spec, Map<String, String> environment) {
    return new ProcessSpec(
        spec.name(),
        spec.programDigest(),
        spec.args(),
        environment,
        spec.directories(),
        spec.tenant(),
        spec.owner(),
        spec.cache(),
        spec.ack(),
        spec.prefetch(),
        spec.evict(),
        spec.safety(),
        spec.strict(),
        spec.onFailure(),
        spec.detached());
  }

  /** Starts a process; its ticket is "ticket". */
  ProcessId start(byte[] octets, ProcessSpec spec) {
    ProcessId id = new ProcessId(ids.incrementAndGet());
    table.start(new StartProcess(id, 1, "ticket", spec), octets);
    return id;
  }

  AttachClient attach(ProcessId process) throws IOException {
    return attach(process, "ticket");
  }

  AttachClient attach(ProcessId process, String ticket) throws IOException {
    return AttachClient.connect(dialer, server.endpoint(), process, ticket, SOON);
  }

  /** Runs an example to its end. */
  Run run(String example, String... args) {
    return run(example, InputStream.nullInputStream(), spec -> spec, args);
  }

  Run run(String example, InputStream input, UnaryOperator<ProcessSpec> change, String... args) {
    byte[] octets = example(example);
    List<String> all = new ArrayList<>(List.of(example));
    all.addAll(List.of(args));
    return run(octets, input, change.apply(spec(octets, all.toArray(String[]::new))));
  }

  Run run(byte[] octets, InputStream input, ProcessSpec spec) {
    try (AttachClient client = attach(start(octets, spec))) {
      client.pumpInput(input);
      Received received = new Received();
      ProgramOutcome outcome = client.awaitEnd(received);
      return new Run(outcome, received.output.toString(UTF_8), received.error.toString(UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static InputStream text(String text) {
    return new ByteArrayInputStream(text.getBytes(UTF_8));
  }

  /** Everything that a program wrote. */
  static final class Received implements AttachClient.Receiver {
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

  private final class ListReporter implements StateReporter {
    @Override
    public long report(StateChange change) {
      reports.add(change);
      return reports.size();
    }

    @Override
    public long flush(long timeoutMs) {
      return reports.size();
    }
  }

  int usedFrames() {
    return cache.usedFrames();
  }

  @Nullable ProgramProcess process(ProcessId id) {
    return table.at(id);
  }

  @Override
  public void close() {
    table.close();
    server.close();
    cache.close();
    homes.forEach(FakeHome::close);
  }
}
