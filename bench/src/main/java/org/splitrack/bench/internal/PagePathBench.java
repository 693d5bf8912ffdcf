package org.splitrack.bench.internal;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.LinkedBlockingQueue;
import org.splitrack.bench.BenchRow;
import org.splitrack.fabric.BootId;
import org.splitrack.fabric.ComponentId;
import org.splitrack.fabric.Endpoint;
import org.splitrack.fabric.PageGeometry;
import org.splitrack.fabric.ProcessId;
import org.splitrack.fabric.RackId;
import org.splitrack.fabric.RegionId;
import org.splitrack.fabric.control.ComponentCalls.Heartbeat;
import org.splitrack.fabric.control.ComponentCalls.HeartbeatAnswer;
import org.splitrack.fabric.control.ComponentCalls.Register;
import org.splitrack.fabric.control.ComponentCalls.Registered;
import org.splitrack.fabric.control.ControlClient;
import org.splitrack.fabric.control.ControlServer;
import org.splitrack.fabric.control.MemoryCalls.InstallRegion;
import org.splitrack.fabric.memory.FramePool;
import org.splitrack.fabric.memory.PageFetcher;
import org.splitrack.fabric.memory.PageWriter;
import org.splitrack.fabric.memory.RegionGrant;
import org.splitrack.fabric.memory.RegionTable;
import org.splitrack.fabric.memory.RemotePages;
import org.splitrack.fabric.transport.Dialer;
import org.splitrack.fabric.transport.FabricServer;
import org.splitrack.fabric.transport.Identity;
import org.splitrack.fabric.transport.SharedSecret;
import org.splitrack.fabric.transport.TcpTransport;
import org.splitrack.fabric.wire.Lane;
import org.splitrack.mcomponent.MComponentApplication;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.json.JsonMapper;

/**
 * {@code miss} and {@code stream} with an mComponent process of their own; prints the rows as JSON,
 * one a line.
 *
 * <p>Arguments, both optional: pairs of batches, and exchanges in a batch.
 */
public final class PagePathBench {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final List<String> JVM =
      List.of("-XX:+UseSerialGC", "-Xmx64m", "--enable-native-access=ALL-UNNAMED");
  private static final int FRAMES = 64;
  private static final int DEFAULT_PAIRS = 31;
  private static final int DEFAULT_BATCH_MISSES = 5_000;

  private final TcpTransport transport = new TcpTransport();
  private final RackId rack = new RackId(new Random().nextLong());
  private final String secret = HexFormat.of().toHexDigits(new Random().nextLong()).repeat(2);
  private final List<Process> started = new CopyOnWriteArrayList<>();

  private final int pairs;
  private final int batchMisses;

  private PagePathBench(int pairs, int batchMisses) {
    this.pairs = pairs;
    this.batchMisses = batchMisses;
  }

  /** Measures and prints. */
  public static void main(String[] args) throws Exception {
    JsonMapper json =
        JsonMapper.builder().propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE).build();
    int pairs = args.length > 0 ? Integer.parseInt(args[0]) : DEFAULT_PAIRS;
    int batchMisses = args.length > 1 ? Integer.parseInt(args[1]) : DEFAULT_BATCH_MISSES;
    for (BenchRow row : new PagePathBench(pairs, batchMisses).run()) {
      System.out.println(json.writeValueAsString(row));
    }
  }

  private List<BenchRow> run() throws IOException, InterruptedException {
    // Also when this program is ended from outside: nothing else would end the mComponent.
    Runtime.getRuntime().addShutdownHook(new Thread(this::endAll));
    BlockingQueue<Register> registrations = new LinkedBlockingQueue<>();
    try (FabricServer manager = manager(registrations)) {
      startMemory(manager.endpoint());
      Register home = registrations.take();
      return measure(home);
    } finally {
      endAll();
    }
  }

  private void endAll() {
    started.forEach(Process::destroyForcibly);
  }

  private List<BenchRow> measure(Register home) throws IOException {
    Dialer dialer = new Dialer(transport, identity("pcomponent-0"));
    RegionId region = new RegionId(1);
    try (ControlClient control = new ControlClient(dialer);
        FramePool frames = new FramePool(FRAMES);
        LiveThreads homeThreads = LiveThreads.of(home.pid());
        BareExchange bareExchange = BareExchange.connect(startBare(BareExchange.class));
        BareStream bareStream = BareStream.connect(startBare(BareStream.class))) {
      control.call(
          home.endpoint(),
          new InstallRegion(region, 1, new ProcessId(1), 1, 0, PageGeometry.REGION_PAGES),
          PATIENCE);
      RegionTable regions = new RegionTable();
      regions.put(
          new RegionGrant(
              region,
              0,
              1,
              home.component(),
              home.boot(),
              home.endpoint(),
              PageGeometry.REGION_PAGES));
      RemotePages remote = new RemotePages(dialer, 1, regions, frames, PATIENCE);
      MissMeasurement.fill(remote, frames);
      long[] agents = homeThreads.named("page-agent");
      List<BenchRow> rows = new ArrayList<>();
      try (PageFetcher fetcher = remote.fetcher();
          PageWriter writer = remote.writer()) {
        rows.addAll(
            new MissMeasurement(
                    fetcher,
                    bareExchange,
                    () -> homeThreads.allocatedBytes(agents),
                    pairs,
                    batchMisses)
                .run());
        rows.addAll(new StreamMeasurement(writer, bareStream, pairs).run());
      }
      return rows;
    }
  }

  private FabricServer manager(BlockingQueue<Register> registrations) throws IOException {
    ControlServer control = new ControlServer(rack);
    Identity self = identity("global-manager-0");
    control.register(
        Register.class,
        (register, attachment, peer) -> {
          registrations.add(register);
          return new Registered(self.boot(), 500);
        });
    control.register(Heartbeat.class, (heartbeat, attachment, peer) -> new HeartbeatAnswer(true));
    return FabricServer.start(
        transport, self, new Endpoint("127.0.0.1", 0), Map.of(Lane.CONTROL, control));
  }

  private Identity identity(String component) {
    return new Identity(
        rack, ComponentId.parse(component), BootId.random(), SharedSecret.parse(secret));
  }

  private void startMemory(Endpoint manager) throws IOException {
    Path folder = Files.createTempDirectory("splitrack-bench");
    Path secretFile = folder.resolve("secret");
    Files.writeString(secretFile, secret);
    ProcessBuilder builder = java(MComponentApplication.class);
    builder
        .environment()
        .putAll(
            Map.of(
                "SPLITRACK_COMPONENT", "mcomponent-0",
                "SPLITRACK_RACK_ID", rack.toString(),
                "SPLITRACK_SECRET_FILE", secretFile.toString(),
                "SPLITRACK_DATA_DIR", folder.toString(),
                "SPLITRACK_MANAGER", manager.toString(),
                "SPLITRACK_MEMORY_LIMIT", Long.toString(64L << 20),
                "SERVER_PORT", "0"));
    started.add(
        builder.redirectErrorStream(true).redirectOutput(folder.resolve("log").toFile()).start());
  }

  private int startBare(Class<?> program) throws IOException {
    Process process = java(program).start();
    started.add(process);
    BufferedReader out =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    String port = out.readLine();
    if (port == null) {
      throw new IOException("the baseline did not start");
    }
    return Integer.parseInt(port);
  }

  private static ProcessBuilder java(Class<?> program) {
    List<String> command = new ArrayList<>();
    command.add(ProcessHandle.current().info().command().orElse("java"));
    command.addAll(JVM);
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), program.getName()));
    return new ProcessBuilder(command);
  }
}
