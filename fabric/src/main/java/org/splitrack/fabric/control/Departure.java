package org.splitrack.fabric.control;

import java.time.Duration;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.splitrack.fabric.Endpoint;
import org.splitrack.fabric.control.ComponentCalls.LeaveAnswer;
import org.splitrack.fabric.control.ComponentCalls.PrepareToLeave;

/**
 * Keeps a component that has been told to stop until nothing is lost by that: until the manager
 * says so and the component itself finds nothing that would be. Without a manager it goes on for as
 * long as somebody uses what it has; when there is neither, the rack is gone, or has given this
 * component up.
 */
public final class Departure {
  /** So often in turn it must be free to go: what was placed before the first may just arrive. */
  private static final int AGREEMENTS = 2;

  private static final Duration CALL_LIMIT = Duration.ofSeconds(2);
  private static final Logger LOG = LoggerFactory.getLogger(Departure.class);

  private final ControlClient client;
  private final Endpoint manager;
  private final PrepareToLeave request;
  private final BooleanSupplier isEmpty;
  private final BooleanSupplier isInUse;
  private final Pace pace;

  /**
   * How patient it is.
   *
   * @param pause between two questions
   * @param deserted without an answer and without anybody who uses it, after which it goes; longer
   *     than a manager needs to begin again on another node
   */
  record Pace(Duration pause, Duration deserted) {
    static final Pace USUAL = new Pace(Duration.ofMillis(500), Duration.ofSeconds(150));
  }

  /**
   * Asks nothing yet.
   *
   * @param isEmpty nothing that the rack may need is here
   * @param isInUse somebody is here who may still need something
   */
  public Departure(
      ControlClient client,
      Endpoint manager,
      PrepareToLeave request,
      BooleanSupplier isEmpty,
      BooleanSupplier isInUse) {
    this(client, manager, request, isEmpty, isInUse, Pace.USUAL);
  }

  Departure(
      ControlClient client,
      Endpoint manager,
      PrepareToLeave request,
      BooleanSupplier isEmpty,
      BooleanSupplier isInUse,
      Pace pace) {
    this.client = client;
    this.manager = manager;
    this.request = request;
    this.isEmpty = isEmpty;
    this.isInUse = isInUse;
    this.pace = pace;
  }

  /**
   * Waits, and logs what for. Interrupting the thread ends it.
   *
   * @return false when {@code limit} was over before the component was free to go
   */
  public boolean await(Duration limit) {
    long startNs = System.nanoTime();
    long usedNs = startNs;
    int agreements = 0;
    String said = "";
    while (true) {
      Reply reply = ask();
      long nowNs = System.nanoTime();
      if (reply.manager() ? !reply.mayLeave() : isInUse.getAsBoolean()) {
        usedNs = nowNs;
      }
      boolean mayGo = isEmpty.getAsBoolean() && (reply.mayLeave() || !reply.manager());
      agreements = mayGo ? agreements + 1 : 0;
      if (agreements == AGREEMENTS) {
        LOG.info("{} is free to stop", request.component());
        return true;
      }
      if (!reply.waitsFor().isEmpty() && !reply.waitsFor().equals(said)) {
        said = reply.waitsFor();
        LOG.info("{} does not stop yet: {}", request.component(), said);
      }
      if (!reply.manager() && nowNs - usedNs >= pace.deserted().toNanos()) {
        LOG.warn("{} stops: {}, and nobody uses what it has", request.component(), said);
        return true;
      }
      if (nowNs - startNs >= limit.toNanos()) {
        LOG.warn("{} has to stop after {} s: {}", request.component(), limit.toSeconds(), said);
        return false;
      }
      try {
        Thread.sleep(pace.pause());
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return false;
      }
    }
  }

  /**
   * What was heard.
   *
   * @param manager there is one that this component belongs to
   */
  private record Reply(boolean manager, boolean mayLeave, String waitsFor) {}

  /** A manager that cannot do anything now is there; one that knows nobody like this is not. */
  private Reply ask() {
    try {
      LeaveAnswer answer = client.call(manager, request, CALL_LIMIT);
      return new Reply(true, answer.mayLeave(), answer.waitsFor());
    } catch (ControlFault fault) {
      return switch (fault.code()) {
        case UNREACHABLE -> new Reply(false, false, "the manager does not answer");
        case DENIED ->
            new Reply(false, false, "the manager does not know it: " + fault.getMessage());
        default -> new Reply(true, false, "the manager says: " + fault.getMessage());
      };
    }
  }
}
