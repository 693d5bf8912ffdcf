package org.splitrack.cli.internal.machine;

import java.io.IOException;
import java.time.Duration;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;
import org.splitrack.cli.internal.Progress;
import org.splitrack.cli.internal.RackFailure;
import org.splitrack.cli.internal.access.LinkCuts;
import org.splitrack.cli.internal.access.RackAccess;
import org.splitrack.cli.internal.access.RackFaults;
import org.splitrack.cli.internal.access.RackSize;
import org.splitrack.fabric.BootId;
import org.splitrack.fabric.ComponentId;
import org.splitrack.fabric.Endpoint;
import org.splitrack.fabric.Role;
import org.splitrack.fabric.transport.Dialer;
import org.splitrack.fabric.transport.Identity;
import org.splitrack.fabric.transport.SharedSecret;
import org.splitrack.fabric.transport.TcpTransport;
import org.splitrack.fabric.transport.TlsCredentials;
import org.splitrack.fabric.transport.TlsTransport;

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

  /** Nobody starts it again but the user. */
  @Override
  public Duration managerPatience() {
    return Duration.ZERO;
  }

  @Override
  public String operatorToken() {
    state.running();
    return Secrets.read(state.secrets().operatorToken());
  }

  @Override
  public Dialer dialer() {
    RackFile rack = state.running();
    TcpTransport tcp = new TcpTransport();
    try {
      return new Dialer(
          rack.usesTls() ? new TlsTransport(tcp, credentials()) : tcp,
          new Identity(
              rack.rackId(),
              new ComponentId(Role.CLI, 0),
              BootId.random(),
              SharedSecret.read(state.secrets().rack())));
    } catch (IOException e) {
      throw RackFailure.failed("cannot read the rack's secrets: " + RackFailure.reason(e));
    }
  }

  @Override
  public @Nullable SSLContext managerTls() {
    try {
      return state.running().usesTls() ? credentials().contextFor(Role.GLOBAL_MANAGER) : null;
    } catch (IOException e) {
      throw RackFailure.failed("cannot read the rack's secrets: " + RackFailure.reason(e));
    }
  }

  private TlsCredentials credentials() throws IOException {
    return state.certificates().of(Role.CLI).read();
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

  @Override
  public RackSize size() {
    return new MachineSize(state, progress);
  }

  private LinkCuts cuts() {
    RackFile rack = state.running();
    return new LinkCuts(
        dialer(),
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
