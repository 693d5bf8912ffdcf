package org.splitrack.bench.internal;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.Consumer;
import org.splitrack.cli.internal.machine.RackFile;
import org.splitrack.cli.internal.machine.Secrets;
import org.splitrack.cli.internal.machine.StateDirectory;
import org.splitrack.cli.internal.manager.ManagerClient;
import org.splitrack.cli.internal.tables.Tables;
import org.splitrack.fabric.BootId;
import org.splitrack.fabric.ComponentId;
import org.splitrack.fabric.Endpoint;
import org.splitrack.fabric.Role;
import org.splitrack.fabric.embedded.RackDatabase;
import org.splitrack.fabric.transport.Dialer;
import org.splitrack.fabric.transport.Identity;
import org.splitrack.fabric.transport.SharedSecret;
import org.splitrack.fabric.transport.TcpTransport;

/** The rack that a benchmark works on. */
final class BenchedRack {
  private static final Duration QUERY_TIMEOUT = Duration.ofSeconds(10);

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
    return new RackPrograms(
        new ManagerClient(
            state.running().manager().http(), Secrets.read(state.secrets().operatorToken())));
  }

  /** A region of its own on mcomponent-0. */
  MemoryUnderTest memory() throws IOException {
    RackFile rack = state.running();
    Identity self =
        new Identity(
            rack.rackId(),
            new ComponentId(Role.PCOMPONENT, 1_000),
            BootId.random(),
            SharedSecret.read(state.secrets().rack()));
    return new MemoryUnderTest(
        peer(rack, new ComponentId(Role.MCOMPONENT, 0)), new Dialer(new TcpTransport(), self));
  }

  private RackPeer peer(RackFile rack, ComponentId id) {
    RackFile.Component component = rack.find(id).orElseThrow();
    try (Tables tables =
        Tables.connect(
            rack.jdbcUrl(),
            RackDatabase.READER,
            Secrets.read(state.secrets().postgres("reader")))) {
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
