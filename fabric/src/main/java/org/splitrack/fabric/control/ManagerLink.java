package org.splitrack.fabric.control;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.splitrack.fabric.Endpoint;
import org.splitrack.fabric.control.ComponentCalls.Heartbeat;
import org.splitrack.fabric.control.ComponentCalls.HeartbeatAnswer;
import org.splitrack.fabric.control.ComponentCalls.Leave;
import org.splitrack.fabric.control.ComponentCalls.Register;
import org.splitrack.fabric.control.ComponentCalls.Registered;

/**
 * A component's tie to the global manager: registers it, sends heartbeats, registers again when the
 * manager does not know it. All in the background, for as long as the component lives; while the
 * manager is away it is asked again with growing pauses.
 *
 * <p>A component that no manager has ever taken, and that is refused, time after time, because of
 * what it is (its certificate, its rack, its protocol's version), holds nothing and will be refused
 * for as long as it lives: it ends, with that reason as its last word. Whoever looks after it
 * starts it again, with what has been put right meanwhile.
 */
public final class ManagerLink implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ManagerLink.class);
  private static final Duration CALL_TIMEOUT = Duration.ofSeconds(2);
  private static final Duration LEAVE_TIMEOUT = Duration.ofMillis(300);
  private static final long FIRST_PAUSE_MS = 50;
  private static final long LONGEST_PAUSE_MS = 1_000;
  private static final int MIN_HEARTBEAT_MS = 10;
  private static final int MAX_HEARTBEAT_MS = 60_000;

  /** As long as a manager that is being replaced, and is known by other keys then, may take. */
  private static final Duration REFUSED_LIMIT = Duration.ofSeconds(20);

  private final ControlClient client;
  private final Endpoint manager;
  private final Supplier<Register> self;
  private final Supplier<Heartbeat> heartbeat;
  private final Duration refusedLimit;
  private final Consumer<String> onRefused;
  private final Thread thread;
  private volatile @Nullable Registered registered;
  private volatile boolean closed;

  private ManagerLink(
      ControlClient client,
      Endpoint manager,
      Supplier<Register> self,
      Supplier<Heartbeat> heartbeat,
      Duration refusedLimit,
      Consumer<String> onRefused) {
    this.client = client;
    this.manager = manager;
    this.self = self;
    this.heartbeat = heartbeat;
    this.refusedLimit = refusedLimit;
    this.onRefused = onRefused;
    this.thread = Thread.ofPlatform().daemon().name("manager-link").unstarted(this::run);
  }

  /**
   * Begins in the background.
   *
   * @param self asked for at each registration
   * @param heartbeat asked for at each heartbeat
   */
  public static ManagerLink start(
      ControlClient client,
      Endpoint manager,
      Supplier<Register> self,
      Supplier<Heartbeat> heartbeat) {
    return start(client, manager, self, heartbeat, REFUSED_LIMIT, ManagerLink::end);
  }

  /**
   * The same with another end than that of this JVM.
   *
   * @param refusedLimit for how long it asks on
   * @param onRefused told the reason; nothing is asked any more then
   */
  static ManagerLink start(
      ControlClient client,
      Endpoint manager,
      Supplier<Register> self,
      Supplier<Heartbeat> heartbeat,
      Duration refusedLimit,
      Consumer<String> onRefused) {
    ManagerLink link = new ManagerLink(client, manager, self, heartbeat, refusedLimit, onRefused);
    link.thread.start();
    return link;
  }

  /** It has nothing that would have to be closed in order, and nobody to tell that it leaves. */
  private static void end(String reason) {
    LOG.error("gives up: {}", reason);
    Runtime.getRuntime().halt(1);
  }

  /** The manager knows this start of the component, as far as its last answer says. */
  public boolean registered() {
    return registered != null;
  }

  /** Also tells the manager that this component leaves; waits for that at most a moment. */
  @Override
  public void close() {
    closed = true;
    LockSupport.unpark(thread);
    if (registered != null) {
      Register leaving = self.get();
      try {
        client.call(manager, new Leave(leaving.component(), leaving.boot()), LEAVE_TIMEOUT);
      } catch (ControlFault fault) {
        LOG.debug("left without telling the manager: {}", fault.getMessage());
      }
    }
  }

  private void run() {
    long pauseMs = FIRST_PAUSE_MS;
    boolean complained = false;
    boolean everTaken = false;
    @Nullable Long refusedSinceNs = null;
    while (!closed) {
      try {
        pause(step());
        pauseMs = FIRST_PAUSE_MS;
        complained = false;
        everTaken = true;
      } catch (ControlFault fault) {
        if (everTaken || fault.code() != ControlFault.Code.DENIED) {
          refusedSinceNs = null;
        } else if (refusedSinceNs == null) {
          refusedSinceNs = System.nanoTime();
        } else if (System.nanoTime() - refusedSinceNs >= refusedLimit.toNanos()) {
          onRefused.accept(fault.getMessage());
          return;
        }
        if (!complained) {
          LOG.warn("the manager does not answer, trying on: {}", fault.getMessage());
          complained = true;
        }
        pause(pauseMs);
        pauseMs = Math.min(pauseMs * 2, LONGEST_PAUSE_MS);
      }
    }
  }

  /** One exchange with the manager; returns how long to pause before the next. */
  private long step() {
    Registered present = registered;
    if (present == null) {
      present = client.call(manager, self.get(), CALL_TIMEOUT);
      registered = present;
      LOG.info("registered with the manager at {}, its start {}", manager, present.managerBoot());
    } else {
      HeartbeatAnswer answer = client.call(manager, heartbeat.get(), CALL_TIMEOUT);
      if (!answer.known()) {
        registered = null;
        return 0;
      }
    }
    return Math.clamp(present.heartbeatMs(), MIN_HEARTBEAT_MS, MAX_HEARTBEAT_MS);
  }

  private void pause(long pauseMs) {
    long untilNs = System.nanoTime() + pauseMs * 1_000_000;
    long restNs;
    while (!closed && (restNs = untilNs - System.nanoTime()) > 0) {
      LockSupport.parkNanos(this, restNs);
    }
  }
}
