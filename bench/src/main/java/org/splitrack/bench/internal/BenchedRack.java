package org.splitrack.bench.internal;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.splitrack.cli.internal.Progress;
import org.splitrack.cli.internal.access.RackAccess;
import org.splitrack.cli.internal.access.RackFaults;
import org.splitrack.cli.internal.kube.KubeAccess;
import org.splitrack.cli.internal.machine.MachineAccess;
import org.splitrack.cli.internal.machine.RackFile;
import org.splitrack.cli.internal.machine.StateDirectory;
import org.splitrack.cli.internal.manager.ManagerClient;
import org.splitrack.cli.internal.tables.Tables;
import org.splitrack.fabric.BootId;
import org.splitrack.fabric.ComponentId;
import org.splitrack.fabric.Endpoint;
import org.splitrack.fabric.Role;
import org.splitrack.fabric.control.ComponentCalls.EmulateLinks;
import org.splitrack.fabric.control.ControlClient;
import org.splitrack.fabric.transport.Dialer;
import org.splitrack.fabric.transport.Identity;
import org.splitrack.fabric.transport.SharedSecret;
import org.splitrack.fabric.transport.TcpTransport;

/** The rack that a benchmark works on. */
final class BenchedRack implements AutoCloseable {
  /** mComponents of the rack that is made for it. */
  static final int MEMORIES = 3;

  private static final int MOST_ROWS = 10_000;
  private static final Duration SYNC_TIMEOUT = Duration.ofSeconds(5);
  private static final Duration QUERY_TIMEOUT = Duration.ofSeconds(10);
  private static final ComponentId PROCESSOR = new ComponentId(Role.PCOMPONENT, 0);

  private final @Nullable RackAccess access;
  private final @Nullable StateDirectory directory;
  private final Path examples;
  private final Consumer<String> progress;

  private BenchedRack(
      @Nullable RackAccess access,
      @Nullable StateDirectory directory,
      Path examples,
      Consumer<String> progress) {
    this.access = access;
    this.directory = directory;
    this.examples = examples;
    this.progress = progress;
  }

  /**
   * One of this machine.
   *
   * @param examples the folder of example programs
   * @param progress takes one line at a time, for a person who waits
   */
  static BenchedRack ofMachine(StateDirectory directory, Path examples, Consumer<String> progress) {
    Progress silent = new Progress(new PrintStream(OutputStream.nullOutputStream(), false, UTF_8));
    return new BenchedRack(new MachineAccess(directory, silent), directory, examples, progress);
  }

  /** A release of the chart. */
  static BenchedRack ofCluster(KubeAccess kube, Path examples, Consumer<String> progress) {
    return new BenchedRack(kube, null, examples, progress);
  }

  /** None: for benchmarks that make their own. */
  static BenchedRack none(Path examples, Consumer<String> progress) {
    return new BenchedRack(null, null, examples, progress);
  }

  private RackAccess access() {
    return Objects.requireNonNull(access, "no rack");
  }

  /** The release that it is; only for benchmarks of clusters. */
  KubeAccess kube() {
    if (access instanceof KubeAccess kube) {
      return kube;
    }
    throw new IllegalStateException("no release of the chart");
  }

  boolean isOnCluster() {
    return access instanceof KubeAccess;
  }

  private StateDirectory state() {
    return Objects.requireNonNull(directory, "no rack of this machine");
  }

  Path example(String name) {
    return examples.resolve(name + ".wasm");
  }

  Consumer<String> progress() {
    return progress;
  }

  RackPrograms programs() {
    return new RackPrograms(manager());
  }

  ManagerClient manager() {
    return ManagerClient.of(access());
  }

  /** What can be done to the components of this rack. */
  RackFaults faults() {
    return access().faults();
  }

  /** Rows of a query on the tables, once these show all that has happened. */
  List<List<@Nullable Object>> query(String sql, @Nullable Object... parameters) {
    manager().sync(SYNC_TIMEOUT);
    try (Tables tables = tables()) {
      return tables.query(sql, MOST_ROWS, QUERY_TIMEOUT, parameters).listing().rows();
    }
  }

  /** A region of its own on mcomponent-0, with as many further copies on the next ones. */
  MemoryUnderTest memory(int copies) throws IOException {
    RackFile rack = state().running();
    List<RackPeer> peers =
        IntStream.rangeClosed(0, copies)
            .mapToObj(number -> peer(rack, new ComponentId(Role.MCOMPONENT, number)))
            .toList();
    return new MemoryUnderTest(
        peers.getFirst(),
        rack.find(peers.getFirst().component()).orElseThrow().pid(),
        peers.subList(1, peers.size()),
        dialer(rack, new ComponentId(Role.PCOMPONENT, 1_000)),
        dialer(rack, new ComponentId(Role.GLOBAL_MANAGER, 1_000)));
  }

  /** Looks into the process of the only pComponent. */
  LiveThreads processorThreads() throws IOException {
    return LiveThreads.of(state().running().find(PROCESSOR).orElseThrow().pid());
  }

  /** From now on what the only pComponent sends leaves so much later. */
  void delayProcessor(Duration delay) throws IOException {
    RackFile rack = state().running();
    int port = rack.find(PROCESSOR).orElseThrow().fabricPort();
    try (ControlClient control = new ControlClient(dialer(rack, new ComponentId(Role.CLI, 0)))) {
      control.call(
          new Endpoint("127.0.0.1", port),
          new EmulateLinks(delay.toNanos() / 1_000, 0),
          QUERY_TIMEOUT);
    }
  }

  private Tables tables() {
    return Tables.of(access());
  }

  private Dialer dialer(RackFile rack, ComponentId as) throws IOException {
    return new Dialer(
        new TcpTransport(),
        new Identity(
            rack.rackId(), as, BootId.random(), SharedSecret.read(state().secrets().rack())));
  }

  private RackPeer peer(RackFile rack, ComponentId id) {
    int port = rack.find(id).orElseThrow().fabricPort();
    return new RackPeer(id, bootOf(id), new Endpoint("127.0.0.1", port));
  }

  /** The boot id of a component that runs. */
  BootId bootOf(ComponentId id) {
    try (Tables tables = tables()) {
      Object boot =
          tables
              .query(
                  "SELECT boot_id FROM api.components WHERE component = ?",
                  1,
                  QUERY_TIMEOUT,
                  id.toString())
              .listing()
              .rows()
              .getFirst()
              .getFirst();
      return BootId.parse(String.valueOf(boot));
    }
  }

  @Override
  public void close() {
    if (access != null) {
      access.close();
    }
  }
}
