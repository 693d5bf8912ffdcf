package org.splitrack.fabric.control;

import java.util.List;
import org.splitrack.fabric.BootId;
import org.splitrack.fabric.ComponentId;
import org.splitrack.fabric.Endpoint;

/** Calls of every component to the global manager about itself, and of the manager to everyone. */
public final class ComponentCalls {
  private ComponentCalls() {}

  /**
   * Sent at start, and again whenever a heartbeat is answered with {@code known = false}.
   *
   * @param capacityBytes frames of a pComponent, page store of an mComponent, disk of an sComponent
   * @param node machine or Kubernetes node
   */
  public record Register(
      ComponentId component,
      BootId boot,
      Endpoint endpoint,
      String httpEndpoint,
      long capacityBytes,
      String node,
      String profile,
      long pid)
      implements ControlRequest<Registered> {}

  /** The manager's start; a component that sees a new one registers again. */
  public record Registered(BootId managerBoot, int heartbeatMs) implements ControlReply {}

  /**
   * Every {@code heartbeatMs}.
   *
   * @param usedBytes reserved by regions, held by extents, or frames in use
   * @param load requests a second, or running programs on a pComponent
   * @param processes running on this pComponent; empty elsewhere
   * @param waitsFor what it cannot do its work without and does not find, one line; empty when it
   *     has all
   */
  public record Heartbeat(
      ComponentId component,
      BootId boot,
      long usedBytes,
      double load,
      List<Long> processes,
      String waitsFor)
      implements ControlRequest<HeartbeatAnswer> {}

  /** {@code known = false}: register again. */
  public record HeartbeatAnswer(boolean known) implements ControlReply {}

  /**
   * Asked again and again by a component that has been told to stop: from the first time on nothing
   * new is placed on it, and what is there goes elsewhere or comes to its end.
   */
  public record PrepareToLeave(ComponentId component, BootId boot)
      implements ControlRequest<LeaveAnswer> {}

  /**
   * Whether a component may stop.
   *
   * @param waitsFor why not yet, one clause; empty when it may
   */
  public record LeaveAnswer(boolean mayLeave, String waitsFor) implements ControlReply {}

  /** Sent when a component stops in an orderly way; nobody has to find out by its silence. */
  public record Leave(ComponentId component, BootId boot)
      implements ControlRequest<ControlReply.Done> {}

  /**
   * From the command line to any component: hold back what it sends to {@code cut}, let flow again
   * what it sends to {@code heal}. Repeating it changes nothing; a restart forgets it.
   */
  public record ChangeCuts(List<ComponentId> cut, List<ComponentId> heal)
      implements ControlRequest<Cuts> {}

  /**
   * From the command line to any component: from now on what it sends leaves {@code delayUs} later
   * and at most so fast; zeros end that. A restart forgets it.
   *
   * @param bytesPerSecond 0 = as fast as it comes
   */
  public record EmulateLinks(long delayUs, long bytesPerSecond)
      implements ControlRequest<ControlReply.Done> {}

  /**
   * From the command line to any component: end at once, as after SIGKILL, which no process can
   * send to the first one of its container. It is not answered; the connection breaks.
   */
  public record Halt() implements ControlRequest<ControlReply.Done> {}

  /** To whom the component sends nothing now. */
  public record Cuts(List<ComponentId> peers) implements ControlReply {}

  /** To any component: publish everything reported so far, and say how far that is. */
  public record FlushReports() implements ControlRequest<ReportsFlushed> {}

  /** Everything up to {@code lastSequence} of this source and boot is in Kafka. */
  public record ReportsFlushed(String source, BootId boot, long lastSequence)
      implements ControlReply {}
}
