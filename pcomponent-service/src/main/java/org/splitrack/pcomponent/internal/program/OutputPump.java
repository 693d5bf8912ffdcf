package org.splitrack.pcomponent.internal.program;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.splitrack.fabric.ProcessId;
import org.splitrack.fabric.attach.AttachFrames;
import org.splitrack.fabric.attach.ProgramOutcome;
import org.splitrack.fabric.transport.Deadline;
import org.splitrack.fabric.transport.FrameStream;
import org.splitrack.fabric.wire.MessageType;
import org.splitrack.fabric.wire.Status;
import org.splitrack.pcomponent.internal.excache.ProgramStopped;

/**
 * Carries what one process writes to its kept log and to the command that waits for it, and last
 * the outcome. On a thread of its own; a command that does not read keeps it waiting, and through
 * the full queue the program.
 */
final class OutputPump implements Runnable {
  /** A process whose command does not come is stopped. */
  static final Duration ATTACH_LIMIT = Duration.ofSeconds(30);

  /** What the command has, after the outcome, to close its end. */
  private static final Duration PARTING_LIMIT = Duration.ofSeconds(10);

  private static final Logger LOG = LoggerFactory.getLogger(OutputPump.class);

  private final ProcessId process;
  private final OutputQueue queue;
  private final ProcessLog log;
  private final EffectGate effects;
  private final CommandLoss commandLoss;

  /** Decided once: the command's stream, or nobody's. */
  private final CompletableFuture<Optional<FrameStream>> command = new CompletableFuture<>();

  private final CompletableFuture<ProgramOutcome> outcome = new CompletableFuture<>();
  private volatile boolean drained;

  /** What happens to a process that nobody waits for any more. */
  @FunctionalInterface
  interface CommandLoss {
    void commandLost(String reason);
  }

  OutputPump(
      ProcessId process,
      OutputQueue queue,
      ProcessLog log,
      boolean detached,
      EffectGate effects,
      CommandLoss commandLoss) {
    this.process = process;
    this.queue = queue;
    this.log = log;
    this.effects = effects;
    this.commandLoss = commandLoss;
    if (detached) {
      command.complete(Optional.empty());
    }
  }

  /** Output goes to this stream; false when there is another, or it is too late. */
  boolean attach(FrameStream stream) {
    return command.complete(Optional.of(stream));
  }

  /** Last to be sent, after all output. */
  void sendOutcome(ProgramOutcome ended) {
    outcome.complete(ended);
  }

  /** All that the process wrote is in the log. */
  boolean isDrained() {
    return drained;
  }

  @Override
  public void run() {
    try {
      pump();
    } catch (InterruptedException | ExecutionException e) {
      LOG.error("process {}: its output is no longer carried", process, e);
    }
  }

  private void pump() throws InterruptedException, ExecutionException {
    byte[] buffer = new byte[AttachFrames.MAX_BODY_BYTES];
    ByteBuffer chunk = ByteBuffer.wrap(buffer);
    Optional<FrameStream> receiver = awaitCommand();
    if (receiver.isPresent() && !accept(receiver.get())) {
      receiver = Optional.empty();
    }
    OutputQueue.Stream stream;
    while ((stream = queue.take(chunk.clear())) != null) {
      if (!mayLeave()) {
        continue;
      }
      log.append(buffer, 0, chunk.position());
      if (receiver.isPresent() && !send(receiver.get(), stream, buffer, chunk.position())) {
        receiver = Optional.empty();
      }
    }
    drained = true;
    if (receiver.isPresent()) {
      part(receiver.get(), outcome.get());
    }
  }

  /** False for what a process has written that may not have effects any more. */
  private boolean mayLeave() {
    try {
      effects.pass("output");
      return true;
    } catch (ProgramStopped stopped) {
      commandLoss.commandLost(String.valueOf(stopped.getMessage()));
      return false;
    }
  }

  private Optional<FrameStream> awaitCommand() throws InterruptedException, ExecutionException {
    try {
      return command.get(ATTACH_LIMIT.toMillis(), TimeUnit.MILLISECONDS);
    } catch (TimeoutException _) {
      if (command.complete(Optional.empty())) {
        commandLoss.commandLost(
            "no command has attached to it within " + ATTACH_LIMIT.toSeconds() + " s");
      }
      return command.get();
    }
  }

  /** From here and not from the lane, so that it comes before all output. */
  private boolean accept(FrameStream receiver) {
    try {
      AttachFrames.sendAnswer(receiver, Status.OK, "");
      return true;
    } catch (IOException _) {
      commandLoss.commandLost("its command has gone away");
      return false;
    }
  }

  private boolean send(FrameStream receiver, OutputQueue.Stream stream, byte[] bytes, int length) {
    byte type =
        switch (stream) {
          case OUTPUT -> MessageType.STDOUT;
          case ERROR -> MessageType.STDERR;
        };
    try {
      AttachFrames.sendBytes(receiver, type, bytes, 0, length);
      return true;
    } catch (IOException _) {
      commandLoss.commandLost("its command has gone away");
      return false;
    }
  }

  /** The command closes: closed from here, the outcome could be lost with unread input. */
  private void part(FrameStream receiver, ProgramOutcome ended) {
    try {
      AttachFrames.sendEnded(receiver, ended);
      Deadline parting = Deadline.on(receiver.connection().link(), PARTING_LIMIT);
      receiver.connection().link().onClose(parting::close);
    } catch (IOException e) {
      LOG.debug("process {}: its command did not wait for the outcome", process, e);
    }
  }
}
