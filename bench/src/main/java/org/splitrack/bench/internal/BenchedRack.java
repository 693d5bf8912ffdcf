package org.splitrack.bench.internal;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.splitrack.cli.internal.Progress;
import org.splitrack.cli.internal.machine.ComponentFaults;
import org.splitrack.cli.internal.machine.RackFile;
import org.splitrack.cli.internal.machine.Secrets;
import org.splitrack.cli.internal.machine.StateDirectory;
import org.splitrack.cli.internal.manager.ManagerClient;
import org.splitrack.cli.internal.tables.Tables;
import org.splitrack.fabric.BootId;
import org.splitrack.fabric.ComponentId;
import org.splitrack.fabric.Endpoint;
import org.splitrack.fabric.Role;
import org.splitrack.fabric.control.ComponentCalls.EmulateLinks;
import org.splitrack.fabric.control.ControlClient;
import org.splitrack.fabric.embedded.RackDatabase;
import org.splitrack.fabric.transport.Dialer;
import org.splitrack.fabric.transport.Identity;
import org.splitrack.fabric.transport.SharedSecret;
import org.splitrack.fabric.transport.TcpTransport;

/** The rack that a benchmark works on. */
final class BenchedRack {
  /** mComponents of the rack that is made for it. */
  static final int MEMORIES = 3;

  private static final int MOST_ROWS = 10_000;
  private static final Duration SYNC_TIMEOUT = Duration.ofSeconds(5);
  private static final Duration QUERY_TIMEOUT = Duration.ofSeconds(10);
  private static final ComponentId PROCESSOR = new ComponentId(Role.PCOMPONENT, 0);

  private final StateDirectory state;
  private final Path examples;
  private final Consumer<String> progress;

  /**
   * @param examples the folder of example programs
   * @param progress takes one line at a time, for a person who waits
   */
  BenchedRack(StateDirectory state, Path examples, Consumer<String> progress) {
    this.state = state;
    this.examples = examples;
    this.progress = progress;
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
    return new ManagerClient(
        () -> state.running().manager().http(),
        null,
        Secrets.read(state.secrets().operatorToken()),
        Duration.ZERO,
        "look at its log");
  }

  /** What can be done to the components of this rack. */
  ComponentFaults faults() {
    return new ComponentFaults(
        state, new Progress(new PrintStream(OutputStream.nullOutputStream(), false, UTF_8)));
  }

  /** Rows of a query on the tables, once these show all that has happened. */
  List<List<@Nullable Object>> query(String sql, @Nullable Object... parameters) {
    manager().sync(SYNC_TIMEOUT);
    try (Tables tables = tables(state.running())) {
      return tables.query(sql, MOST_ROWS, QUERY_TIMEOUT, parameters).listing().rows();
    }
  }

  /** A region of its own on mcomponent-0, with as many further copies on the next ones. */
  MemoryUnderTest memory(int copies) throws IOException {
    RackFile rack = state.running();
    List<RackPeer> peers =
        IntStream.rangeClosed(0, copies)
            .mapToObj(number -> peer(rack, new ComponentId(Role.MCOMPONENT, number)))
            .toList();
    return new MemoryUnderTest(
        peers.getFirst(),
        peers.subList(1, peers.size()),
        dialer(rack, new ComponentId(Role.PCOMPONENT, 1_000)),
        dialer(rack, new ComponentId(Role.GLOBAL_MANAGER, 1_000)));
  }

  /** Looks into the process of the only pComponent. */
  LiveThreads processorThreads() throws IOException {
    return LiveThreads.of(state.running().find(PROCESSOR).orElseThrow().pid());
  }

  /** From now on what the only pComponent sends leaves so much later. */
  void delayProcessor(Duration delay) throws IOException {
    RackFile rack = state.running();
    int port = rack.find(PROCESSOR).orElseThrow().fabricPort();
    try (ControlClient control = new ControlClient(dialer(rack, new ComponentId(Role.CLI, 0)))) {
      control.call(
          new Endpoint("127.0.0.1", port),
          new EmulateLinks(delay.toNanos() / 1_000, 0),
          QUERY_TIMEOUT);
    }
  }

  private Tables tables(RackFile rack) {
    return Tables.connect(
        rack.jdbcUrl(),
        RackDatabase.READER,
        Secrets.read(state.secrets().postgres("reader")),
        "look at its log");
  }

  private Dialer dialer(RackFile rack, ComponentId as) throws IOException {
    return new Dialer(
        new TcpTransport(),
        new Identity(
            rack.rackId(), as, BootId.random(), SharedSecret.read(state.secrets().rack())));
  }

  private RackPeer peer(RackFile rack, ComponentId id) {
    RackFile.Component component = rack.find(id).orElseThrow();
    try (Tables tables = tables(rack)) {
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
      return new RackPeer(
          id,
          BootId.parse(String.valueOf(boot)),
          new Endpoint("127.0.0.1", component.fabricPort()),
          component.pid());
    }
  }
}
