package org.splitrack.cli.internal.machine;

import java.io.IOException;
import org.jspecify.annotations.Nullable;
import org.splitrack.cli.internal.Progress;
import org.splitrack.cli.internal.RackFailure;
import org.splitrack.cli.internal.access.LinkCuts;
import org.splitrack.cli.internal.access.RackAccess;
import org.splitrack.cli.internal.access.RackFaults;
import org.splitrack.fabric.BootId;
import org.splitrack.fabric.ComponentId;
import org.splitrack.fabric.Endpoint;
import org.splitrack.fabric.Role;
import org.splitrack.fabric.transport.Identity;
import org.splitrack.fabric.transport.SharedSecret;

/** The rack of a state directory: everything listens on loopback. */
public final class MachineAccess implements RackAccess {
  private final StateDirectory state;
  private final Progress progress;

  public MachineAccess(StateDirectory state, Progress progress) {
    this.state = state;
    this.progress = progress;
  }

  @Override
  public Endpoint managerHttp() {
    return state.running().manager().http();
  }

  @Override
  public String operatorToken() {
    state.running();
    return Secrets.read(state.secrets().operatorToken());
  }

  @Override
  public Identity identity() {
    RackFile rack = state.running();
    try {
      return new Identity(
          rack.rackId(),
          new ComponentId(Role.CLI, 0),
          BootId.random(),
          SharedSecret.read(state.secrets().rack()));
    } catch (IOException e) {
      throw RackFailure.failed("cannot read the rack's secret: " + RackFailure.reason(e));
    }
  }

  @Override
  public Endpoint reach(Endpoint advertised) {
    return advertised;
  }

  @Override
  public String jdbcUrl() {
    return state.running().jdbcUrl();
  }

  @Override
  public boolean endsWithCommand() {
    return false;
  }

  @Override
  public String readerPassword() {
    state.running();
    return Secrets.read(state.secrets().postgres("reader"));
  }

  @Override
  public String advice() {
    return "look at its log, or start it again with ./rack up";
  }

  @Override
  public RackFaults faults() {
    ComponentFaults components = new ComponentFaults(state, progress);
    return new RackFaults() {
      @Override
      public void kill(ComponentId id) {
        components.kill(id);
      }

      @Override
      public void pause(ComponentId id) {
        components.pause(id);
      }

      @Override
      public void resume(ComponentId id) {
        components.resume(id);
      }

      @Override
      public void start(ComponentId id) {
        components.start(id);
      }

      @Override
      public void restart(ComponentId id) {
        components.restart(id);
      }

      @Override
      public void cut(ComponentId one, @Nullable ComponentId from) {
        cuts().cut(one, from);
      }

      @Override
      public void heal(ComponentId one, @Nullable ComponentId from) {
        cuts().heal(one, from);
      }
    };
  }

  private LinkCuts cuts() {
    RackFile rack = state.running();
    return new LinkCuts(
        identity(),
        rack.services(),
        id ->
            rack.living().stream()
                .filter(component -> component.component().equals(id))
                .findFirst()
                .map(component -> new Endpoint("127.0.0.1", component.fabricPort()))
                .orElse(null));
  }

  /** Nothing is held. */
  @Override
  public void close() {}
}
