package org.splitrack.pcomponent.internal.program;

import java.time.Duration;
import java.util.List;
import org.splitrack.fabric.Endpoint;
import org.splitrack.fabric.ProcessId;
import org.splitrack.fabric.control.ControlClient;
import org.splitrack.fabric.control.ControlFault;
import org.splitrack.fabric.control.ControlFault.Code;
import org.splitrack.fabric.control.MemoryCalls.ResolveRegions;
import org.splitrack.fabric.control.ProcessCalls.FirstEffect;
import org.splitrack.pcomponent.internal.excache.ProgramStopped;

/**
 * Asks the manager whether the incarnation is still run: before the first effect of a process that
 * would be run again, and after each time that this component was held up for long. While the
 * manager is away such an effect waits, at most {@link #AWAY_LIMIT}.
 *
 * <p>All others go on without it: that the manager says nothing does not mean that it has given
 * this component up, and programs outlive a manager that is dead.
 */
public final class ManagerEffectGate implements EffectGate {
  static final Duration AWAY_LIMIT = Duration.ofSeconds(60);

  private static final Duration CALL_TIMEOUT = Duration.ofSeconds(2);
  private static final long PAUSE_MS = 100;

  private final ControlClient client;
  private final Endpoint manager;
  private final ProcessId process;
  private final int incarnation;
  private final Pulse pulse;
  private final Runnable onExpelled;
  private final Duration awayLimit;
  private volatile boolean announced;
  private volatile int confirmedPauses;

  ManagerEffectGate(
      ControlClient client,
      Endpoint manager,
      ProcessId process,
      int incarnation,
      boolean announces,
      Pulse pulse,
      Runnable onExpelled,
      Duration awayLimit) {
    this.client = client;
    this.manager = manager;
    this.process = process;
    this.incarnation = incarnation;
    this.pulse = pulse;
    this.onExpelled = onExpelled;
    this.awayLimit = awayLimit;
    this.announced = !announces;
    this.confirmedPauses = pulse.pauses();
  }

  /** Gates of the processes of one component. */
  public static EffectGate.Source source(ControlClient client, Endpoint manager, Pulse pulse) {
    return (process, incarnation, announces, onExpelled) ->
        new ManagerEffectGate(
            client, manager, process, incarnation, announces, pulse, onExpelled, AWAY_LIMIT);
  }

  @Override
  public boolean isOpen() {
    return announced && confirmedPauses == pulse.pauses() && !pulse.isLate(System.nanoTime());
  }

  @Override
  public void pass(String what) {
    long startNs = System.nanoTime();
    while (!isOpen()) {
      try {
        ask(what);
        return;
      } catch (ControlFault fault) {
        refuse(fault, startNs);
      }
    }
  }

  /** A pause during the question makes the next effect ask again. */
  private void ask(String what) {
    long nowNs = System.nanoTime();
    pulse.beat(nowNs);
    int pauses = pulse.pauses();
    if (announced) {
      client.call(manager, new ResolveRegions(process, incarnation, List.of()), CALL_TIMEOUT);
    } else {
      client.call(manager, new FirstEffect(process, incarnation, what), CALL_TIMEOUT);
      announced = true;
    }
    confirmedPauses = pauses;
  }

  /** Throws, unless it is worth asking again. */
  private void refuse(ControlFault fault, long startNs) {
    if (fault.code() == Code.DENIED) {
      onExpelled.run();
      throw new ProgramStopped("the rack has given it up: its pComponent was silent for too long");
    }
    boolean mayPass = fault.code() == Code.UNREACHABLE || fault.code() == Code.UNAVAILABLE;
    if (!mayPass || System.nanoTime() - startNs > awayLimit.toNanos()) {
      throw new ProgramStopped(
          "the manager does not say whether it may go on: " + fault.getMessage());
    }
    try {
      Thread.sleep(PAUSE_MS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ProgramStopped("its thread was interrupted");
    }
  }
}
