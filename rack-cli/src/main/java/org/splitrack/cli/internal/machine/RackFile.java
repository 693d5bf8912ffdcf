package org.splitrack.cli.internal.machine;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.splitrack.fabric.ComponentId;
import org.splitrack.fabric.Endpoint;
import org.splitrack.fabric.RackId;
import org.splitrack.fabric.embedded.RackDatabase;

/**
 * {@code rack.json}: what runs where. Scripts read it; keys are only ever added.
 *
 * @param state {@code starting}, {@code up} or {@code down}
 * @param machineBoot the kernel's boot id; pids of another one mean nothing
 * @param transport null = plain, in files of earlier versions
 * @param components those that were started and not ended since
 */
public record RackFile(
    RackId rackId,
    String version,
    String state,
    Instant startedAt,
    String machineBoot,
    List<Component> components,
    PostgresPorts postgres,
    KafkaPorts kafka,
    Manager manager,
    RackCounts counts,
    @Nullable LinkSecurity transport) {
  public static final String STARTING = "starting";
  public static final String UP = "up";
  public static final String DOWN = "down";

  /**
   * A running component.
   *
   * @param fabricPort 0 for PostgreSQL and Kafka
   * @param httpPort 0 for PostgreSQL and Kafka
   */
  public record Component(
      ComponentId component, long pid, long startTicks, int fabricPort, int httpPort, String log) {
    public ProcessMark process() {
      return new ProcessMark(pid, startTicks);
    }
  }

  /** Where PostgreSQL listens on loopback. */
  public record PostgresPorts(int port) {}

  /** Where Kafka listens on loopback, for clients and for itself. */
  public record KafkaPorts(int port, int controllerPort) {}

  /** The global manager's two doors. */
  public record Manager(Endpoint http, Endpoint fabric) {}

  /** The component of this name, when it was started. */
  public Optional<Component> find(ComponentId id) {
    return components.stream().filter(c -> c.component().equals(id)).findFirst();
  }

  /** Whether the rack has a component of this name, running or not. */
  public boolean has(ComponentId id) {
    return id.equals(PostgresServer.ID)
        || id.equals(KafkaBroker.ID)
        || counts.of(id.role()).contains(id);
  }

  /** The names of all components, running or not. */
  public List<ComponentId> names() {
    List<ComponentId> names = new ArrayList<>(services());
    names.add(PostgresServer.ID);
    names.add(KafkaBroker.ID);
    return names;
  }

  /** The names of those that speak with one another: all but PostgreSQL and Kafka. */
  public List<ComponentId> services() {
    return RackCounts.SERVICES.stream().flatMap(role -> counts.of(role).stream()).toList();
  }

  /** Those whose process still runs. */
  public List<Component> living() {
    if (!machineBoot.equals(StateDirectory.machineBoot())) {
      return List.of();
    }
    return components.stream().filter(c -> c.process().alive()).toList();
  }

  /** Of the rack's database, without user and password. */
  public String jdbcUrl() {
    return "jdbc:postgresql://127.0.0.1:" + postgres.port() + "/" + RackDatabase.NAME;
  }

  /** Whether components show certificates. */
  public boolean usesTls() {
    return transport == LinkSecurity.MTLS;
  }

  /** Whether all components of all roles run. */
  boolean complete() {
    return living().size() == counts.components();
  }

  RackFile with(RackCounts newCounts) {
    return with(state, components, newCounts);
  }

  RackFile with(String newState, List<Component> running) {
    return with(newState, running, counts);
  }

  private RackFile with(String newState, List<Component> running, RackCounts newCounts) {
    return new RackFile(
        rackId,
        version,
        newState,
        startedAt,
        machineBoot,
        List.copyOf(running),
        postgres,
        kafka,
        manager,
        newCounts,
        transport);
  }
}
