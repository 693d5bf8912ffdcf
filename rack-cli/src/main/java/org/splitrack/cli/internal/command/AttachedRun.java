package org.splitrack.cli.internal.command;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.splitrack.cli.internal.ExitCode;
import org.splitrack.cli.internal.RackFailure;
import org.splitrack.cli.internal.access.RackAccess;
import org.splitrack.cli.internal.manager.ManagerClient;
import org.splitrack.fabric.ProcessId;
import org.splitrack.fabric.attach.AttachClient;
import org.splitrack.fabric.attach.ProgramOutcome;
import tools.jackson.databind.JsonNode;

/**
 * One process with a command's standard streams, from its start to its end. Whatever ends the
 * command ends the process.
 */
final class AttachedRun {
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(10);
  private static final Duration STOP_PATIENCE = Duration.ofSeconds(5);

  /** From the loss of a pComponent to the process's end or its next start on another one. */
  private static final Duration LOSS_PATIENCE = Duration.ofSeconds(30);

  private static final Duration LOOK = Duration.ofMillis(200);

  private final Context context;
  private final ManagerClient manager;
  private volatile ManagerClient.Started started;
  private final @Nullable Duration timeout;
  private final boolean restarts;
  private volatile @Nullable AttachClient attachment;
  private volatile boolean timedOut;
  private volatile boolean ended;
  private boolean startedAgain;
  private @Nullable ProgramOutcome outcome;

  AttachedRun(
      Context context,
      ManagerClient manager,
      ManagerClient.Started started,
      @Nullable Duration timeout) {
    this(context, manager, started, timeout, false);
  }

  /**
   * @param restarts whether the process may start again elsewhere when its pComponent dies
   */
  AttachedRun(
      Context context,
      ManagerClient manager,
      ManagerClient.Started started,
      @Nullable Duration timeout,
      boolean restarts) {
    this.context = context;
    this.manager = manager;
    this.started = started;
    this.timeout = timeout;
    this.restarts = restarts;
  }

  /** How it ended, when its pComponent said so. */
  Optional<ProgramOutcome> outcome() {
    return Optional.ofNullable(outcome);
  }

  /** Passes the streams on until the process has ended; the command's exit code. */
  int toItsEnd(InputStream in, OutputStream out, OutputStream error) {
    // Ctrl-C and SIGTERM end this JVM with 130 and 143; the process goes with it.
    Thread onSignal = new Thread(this::stopOrSay, "stop-process");
    Runtime.getRuntime().addShutdownHook(onSignal);
    if (timeout != null) {
      Thread.ofVirtual().start(() -> endAfter(timeout));
    }
    RememberedInput input = new RememberedInput(in);
    Passing passing = new Passing(out, error);
    try {
      while (true) {
        @Nullable Integer exitCode = toTheEndOfThisStart(in, input, passing);
        if (exitCode != null) {
          return exitCode;
        }
        context.progress.say(
            "process %d starts again on %s".formatted(started.process(), started.component()));
      }
    } catch (RackFailure e) {
      throw stopUnlessEnded() == null ? e : RackFailure.of(e.exitCode(), mayStillRun(e));
    } finally {
      stopOrSay();
      removeHook(onSignal);
    }
  }

  /** Null when the process was started again somewhere else; {@link #started} says where. */
  private @Nullable Integer toTheEndOfThisStart(
      InputStream in, RememberedInput input, Passing passing) {
    try (AttachClient attached = attach();
        var _ = LossWatch.start(manager, started, passing::silence, attached::close)) {
      attachment = attached;
      attached.pumpInput(restarts ? input.fromTheBeginning() : in);
      ProgramOutcome end = attached.awaitEnd(passing);
      ended = true;
      outcome = end;
      return exitCode(end);
    } catch (IOException e) {
      if (timedOut) {
        return ExitCode.TIMEOUT;
      }
      return restarts && !passing.broken && hasStartedAgain(input)
          ? null
          : endWithoutOutcome(passing.broken, e);
    }
  }

  /** Waits until the process has either ended or got another place to run. */
  private boolean hasStartedAgain(RememberedInput input) {
    long endNs = System.nanoTime() + LOSS_PATIENCE.toNanos();
    while (System.nanoTime() - endNs < 0) {
      if (manager.awaitEnd(started.process(), LOOK) != null) {
        return false;
      }
      ManagerClient.Started now = manager.attachment(started.process());
      if (!now.ticket().equals(started.ticket())) {
        if (!input.isWhole()) {
          throw RackFailure.of(
              ExitCode.COMPONENT_DIED,
              "process %d cannot start again: it has had more than %d MiB of standard input"
                  .formatted(started.process(), RememberedInput.LIMIT_BYTES >> 20));
        }
        started = now;
        startedAgain = true;
        return true;
      }
    }
    return false;
  }

  private static void removeHook(Thread hook) {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException alreadyEnding) {
      // The hook runs, and does what remains.
    }
  }

  /** Where a process is to start again is known a moment before it is there. */
  private AttachClient attach() throws IOException {
    long endNs = System.nanoTime() + LOSS_PATIENCE.toNanos();
    while (true) {
      try {
        return connect();
      } catch (IOException e) {
        if (!startedAgain || System.nanoTime() - endNs >= 0 || !isStillToCome()) {
          throw e;
        }
      }
    }
  }

  private AttachClient connect() throws IOException {
    RackAccess rack = context.access();
    return AttachClient.connect(
        rack.dialer(),
        rack.reach(started.attach()),
        new ProcessId(started.process()),
        started.ticket(),
        CONNECT_TIMEOUT);
  }

  /** Whether this start of the process has neither ended nor been replaced by another one. */
  private boolean isStillToCome() {
    return manager.awaitEnd(started.process(), LOOK) == null && !manager.isReplaced(started);
  }

  private int exitCode(ProgramOutcome end) {
    if (timedOut) {
      context.progress.say("process " + started.process() + " was ended: its time was up");
      return ExitCode.TIMEOUT;
    }
    if (end.reason() != null) {
      context.progress.say(
          "process " + started.process() + " " + end.state() + ": " + end.reason());
    }
    return end.exitCode();
  }

  /** The connection is lost: to a reader that went away, or to a pComponent that did. */
  private int endWithoutOutcome(boolean readerGone, IOException e) {
    if (readerGone) {
      return ExitCode.BROKEN_PIPE;
    }
    JsonNode known = knownEnd();
    if (known == null) {
      throw RackFailure.of(
          ExitCode.RACK_FAILED,
          "process %d on %s is out of reach: %s"
              .formatted(started.process(), started.component(), RackFailure.reason(e)));
    }
    ended = true;
    EndOfProcess end = EndOfProcess.of(known);
    end.explain(context.progress);
    return end.exitCode();
  }

  /**
   * What the manager says of the end; it takes its time when many components are silent at once.
   */
  private @Nullable JsonNode knownEnd() {
    long endNs = System.nanoTime() + LOSS_PATIENCE.toNanos();
    JsonNode known = null;
    while (known == null && System.nanoTime() - endNs < 0) {
      known = manager.awaitEnd(started.process(), STOP_PATIENCE);
    }
    return known;
  }

  private void endAfter(Duration time) {
    try {
      Thread.sleep(time);
      if (ended) {
        return;
      }
      timedOut = true;
      manager.stop(started.process());
      Thread.sleep(STOP_PATIENCE);
    } catch (InterruptedException | RackFailure giveUp) {
      context.progress.say(
          "process " + started.process() + " cannot be stopped: " + RackFailure.reason(giveUp));
    }
    AttachClient attached = attachment;
    if (!ended && attached != null) {
      attached.close();
    }
  }

  private void stopOrSay() {
    RackFailure failure = stopUnlessEnded();
    if (failure != null) {
      context.progress.say(mayStillRun(failure));
    }
  }

  private String mayStillRun(RackFailure e) {
    return "process " + started.process() + " may still run: " + e.getMessage();
  }

  /** Null when it has ended. */
  private @Nullable RackFailure stopUnlessEnded() {
    if (ended) {
      return null;
    }
    ended = true;
    try {
      manager.stop(started.process());
      manager.awaitEnd(started.process(), STOP_PATIENCE);
      return null;
    } catch (RackFailure e) {
      return e;
    }
  }

  /** Writes what the program wrote, and remembers when nobody reads it any more. */
  private static final class Passing implements AttachClient.Receiver {
    private final OutputStream out;
    private final OutputStream error;
    private boolean broken;
    private volatile boolean writing;
    private volatile long heardNs = System.nanoTime();

    Passing(OutputStream out, OutputStream error) {
      this.out = out;
      this.error = error;
    }

    @Override
    public void output(byte[] bytes, int length) throws IOException {
      pass(out, bytes, length);
    }

    @Override
    public void error(byte[] bytes, int length) throws IOException {
      pass(error, bytes, length);
    }

    private void pass(OutputStream target, byte[] bytes, int length) throws IOException {
      writing = true;
      try {
        target.write(bytes, 0, length);
      } catch (IOException e) {
        broken = true;
        throw e;
      } finally {
        heardNs = System.nanoTime();
        writing = false;
      }
    }

    /** For how long nothing has come that was waited for. */
    Duration silence() {
      return writing ? Duration.ZERO : Duration.ofNanos(System.nanoTime() - heardNs);
    }
  }
}
