package org.splitrack.e2e.files;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.splitrack.fabric.BootId;
import org.splitrack.fabric.ComponentId;
import org.splitrack.fabric.Endpoint;
import org.splitrack.fabric.ProcessId;
import org.splitrack.fabric.RackId;
import org.splitrack.fabric.config.ComponentSettings;
import org.splitrack.fabric.control.ComponentCalls.Heartbeat;
import org.splitrack.fabric.control.ComponentCalls.HeartbeatAnswer;
import org.splitrack.fabric.control.ComponentCalls.Register;
import org.splitrack.fabric.control.ComponentCalls.Registered;
import org.splitrack.fabric.control.ControlClient;
import org.splitrack.fabric.control.ControlServer;
import org.splitrack.fabric.control.ProcessSpec;
import org.splitrack.fabric.embedded.RackDatabase;
import org.splitrack.fabric.testkit.EmbeddedPostgres;
import org.splitrack.fabric.transport.Dialer;
import org.splitrack.fabric.transport.FabricServer;
import org.splitrack.fabric.transport.Identity;
import org.splitrack.fabric.transport.SharedSecret;
import org.splitrack.fabric.transport.TcpTransport;
import org.splitrack.fabric.wire.Lane;
import org.splitrack.manager.internal.file.ControlledExtentStores;
import org.splitrack.manager.internal.file.FileTransfers;
import org.splitrack.manager.internal.file.GlobalFiles;
import org.splitrack.manager.internal.file.StorageNodes;
import org.splitrack.pcomponent.internal.file.FileClientLimits;
import org.splitrack.pcomponent.internal.file.FileService;
import org.splitrack.pcomponent.internal.file.FileSystem;
import org.splitrack.pcomponent.internal.file.OpenDirectory;
import org.splitrack.pcomponent.internal.file.RackFileService;
import org.splitrack.scomponent.internal.SComponentNode;

/** A manager's files, sComponents and file clients over real sockets and a real PostgreSQL. */
final class FileRack implements AutoCloseable, StorageNodes {
  private static final EmbeddedPostgres POSTGRES = EmbeddedPostgres.start();
  private static final RackId RACK = new RackId(4242);
  private static final SharedSecret SECRET = SharedSecret.parse("00112233445566778899aabbccddeeff");
  private static final Path MIGRATION =
      Path.of("../table-service/src/main/resources/db/migration/V2__os_fs.sql");

  private final Path folder;
  private final long diskLimitBytes;
  private final TcpTransport transport = new TcpTransport();
  private final HikariDataSource dataSource;
  private final ControlClient managerCalls =
      new ControlClient(new Dialer(transport, identity("global-manager-0")));
  private final GlobalFiles files;
  private final FileTransfers transfers;
  private final FabricServer manager;
  private final Map<ComponentId, StorageNode> up = new ConcurrentHashMap<>();
  private final Map<Integer, SComponentNode> storages = new ConcurrentHashMap<>();
  private final List<RackFileService> services = new ArrayList<>();
  private final List<ControlClient> controls = new ArrayList<>();

  FileRack(Path folder, int storageCount, long diskLimitBytes) throws IOException {
    this.folder = folder;
    this.diskLimitBytes = diskLimitBytes;
    dataSource = tables();
    files =
        new GlobalFiles(
            dataSource,
            this,
            (process, incarnation) -> true,
            new ControlledExtentStores(managerCalls));
    transfers = new FileTransfers(files, new Dialer(transport, identity("global-manager-0")));
    ControlServer calls = new ControlServer(RACK);
    BootId boot = BootId.random();
    calls.register(Register.class, (call, bytes, peer) -> register(call, boot));
    calls.register(Heartbeat.class, (call, bytes, peer) -> heartbeat(call));
    files.register(calls);
    files.start();
    manager =
        FabricServer.start(
            transport,
            identity("global-manager-0"),
            new Endpoint("127.0.0.1", 0),
            Map.of(Lane.CONTROL, calls));
    for (int ordinal = 0; ordinal < storageCount; ordinal++) {
      startStorage(ordinal);
    }
  }

  /** A pComponent's file client. */
  FileService client(String component, FileClientLimits limits) {
    Dialer dialer = new Dialer(transport, identity(component));
    ControlClient control = new ControlClient(dialer);
    RackFileService service = new RackFileService(control, dialer, manager.endpoint(), limits);
    services.add(service);
    controls.add(control);
    return service;
  }

  static FileSystem process(FileService service, long process, ProcessSpec.Directory... given) {
    ProcessSpec spec =
        new ProcessSpec(
            "test",
            "0".repeat(64),
            List.of("test"),
            Map.of(),
            List.of(given),
            "default",
            "test",
            null,
            "none",
            "leap",
            "clock",
            "default",
            false,
            "fail",
            false);
    return service.open(new ProcessId(process), 1, spec);
  }

  /** The tenant's root, as a process of this client sees it. */
  static OpenDirectory root(FileService service, long process) {
    return process(service, process, new ProcessSpec.Directory("/", false))
        .preopened()
        .getFirst()
        .directory();
  }

  /** What {@code rack put} and {@code get} use. */
  FileTransfers transfers() {
    return transfers;
  }

  void startStorage(int ordinal) throws IOException {
    String component = "scomponent-" + ordinal;
    Path data = Files.createDirectories(folder.resolve(component));
    Map<String, String> values =
        Map.of(
            "splitrack.component", component,
            "splitrack.rack-id", RACK.toString(),
            "splitrack.secret-file", "unused",
            "splitrack.manager", manager.endpoint().toString(),
            "splitrack.data-dir", data.toString(),
            "splitrack.disk-limit", Long.toString(diskLimitBytes));
    SComponentNode node =
        SComponentNode.start(
            ComponentSettings.read(values::get), identity(component), transport, "none");
    storages.put(ordinal, node);
    up.put(
        ComponentId.parse(component),
        new StorageNode(ComponentId.parse(component), node.endpoint(), diskLimitBytes));
  }

  /** Its connections break and nobody listens any more. */
  void killStorage(int ordinal) throws IOException {
    up.remove(ComponentId.parse("scomponent-" + ordinal));
    SComponentNode node = storages.remove(ordinal);
    if (node != null) {
      node.close();
    }
  }

  long storedBytes() throws IOException {
    try (var all = Files.walk(folder)) {
      return all.filter(file -> file.toString().contains("/extents/"))
          .mapToLong(file -> file.toFile().isFile() ? file.toFile().length() : 0)
          .sum();
    }
  }

  @Override
  public List<StorageNode> up() {
    return List.copyOf(up.values());
  }

  @Override
  public Optional<Endpoint> endpoint(ComponentId component) {
    return Optional.ofNullable(up.get(component)).map(StorageNode::endpoint);
  }

  static Duration soon() {
    return Duration.ofSeconds(30);
  }

  @Override
  public void close() throws IOException {
    services.forEach(RackFileService::close);
    controls.forEach(ControlClient::close);
    transfers.close();
    manager.close();
    files.close();
    for (SComponentNode node : storages.values()) {
      node.close();
    }
    managerCalls.close();
    dataSource.close();
  }

  private Registered register(Register call, BootId boot) {
    up.put(
        call.component(), new StorageNode(call.component(), call.endpoint(), call.capacityBytes()));
    return new Registered(boot, 50);
  }

  private HeartbeatAnswer heartbeat(Heartbeat call) {
    up.computeIfPresent(
        call.component(),
        (component, node) ->
            new StorageNode(component, node.endpoint(), diskLimitBytes - call.usedBytes()));
    return new HeartbeatAnswer(true);
  }

  private static HikariDataSource tables() {
    String url = POSTGRES.newDatabase();
    try (Connection owner = DriverManager.getConnection(url, RackDatabase.TABLES, "any");
        Statement statement = owner.createStatement()) {
      statement.execute(Files.readString(MIGRATION));
    } catch (SQLException | IOException e) {
      throw new IllegalStateException("the file tables could not be made", e);
    }
    HikariConfig config = new HikariConfig();
    config.setJdbcUrl(url);
    config.setUsername(RackDatabase.MANAGER);
    config.setPassword("any");
    config.setMaximumPoolSize(8);
    config.setConnectionTimeout(2_000);
    return new HikariDataSource(config);
  }

  private static Identity identity(String component) {
    return new Identity(RACK, ComponentId.parse(component), BootId.random(), SECRET);
  }
}
