package org.splitrack.pcomponent.internal.program;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.security.MessageDigest;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.splitrack.fabric.RackId;
import org.splitrack.fabric.attach.AttachFrames;
import org.splitrack.fabric.transport.Connection;
import org.splitrack.fabric.transport.Deadline;
import org.splitrack.fabric.transport.FrameStream;
import org.splitrack.fabric.transport.LaneHandler;
import org.splitrack.fabric.wire.FrameHeader;
import org.splitrack.fabric.wire.MessageType;
import org.splitrack.fabric.wire.Status;

/**
 * Takes the commands that wait for processes: checks the ticket, carries standard input. A command
 * that goes away before the end stops its process. Input that a program does not read is not read
 * from the network either.
 */
public final class AttachLane implements LaneHandler {
  private static final Duration CLAIM_LIMIT = Duration.ofSeconds(5);

  /** How often a command is looked for while its program does not read. */
  private static final long PROBE_NS = 1_000_000_000L;

  private final RackId rack;
  private final ProcessTable processes;

  public AttachLane(RackId rack, ProcessTable processes) {
    this.rack = rack;
    this.processes = processes;
  }

  @Override
  public void accept(Connection connection) throws IOException {
    try (FrameStream stream = new FrameStream(connection, rack, AttachFrames.MAX_BODY_BYTES)) {
      ProgramProcess process = claim(stream);
      if (process != null) {
        try {
          carryInput(stream, process.input());
        } catch (InterruptedException _) {
          Thread.currentThread().interrupt();
        } finally {
          process.stop("its command has gone away");
        }
      }
    }
  }

  /** The process that the command may have, or null when it has been told why not. */
  private @Nullable ProgramProcess claim(FrameStream stream) throws IOException {
    AttachFrames.Claim claim;
    try (Deadline deadline = Deadline.on(stream.connection().link(), CLAIM_LIMIT)) {
      try {
        claim = AttachFrames.readClaim(stream);
      } catch (IOException e) {
        throw deadline.explain(e, "a claim");
      }
    }
    ProgramProcess process = processes.at(claim.process());
    if (process == null || !sameTicket(process.ticket(), claim.ticket())) {
      AttachFrames.sendAnswer(
          stream,
          Status.BAD_REQUEST,
          "process " + claim.process() + " does not wait here for that ticket");
      return null;
    }
    if (!process.pump().attach(stream)) {
      AttachFrames.sendAnswer(
          stream,
          Status.BAD_REQUEST,
          process.detached()
              ? "process " + claim.process() + " is detached; see: rack logs " + claim.process()
              : "process " + claim.process() + " has its command already");
      return null;
    }
    return process;
  }

  private static boolean sameTicket(String one, String other) {
    return MessageDigest.isEqual(one.getBytes(UTF_8), other.getBytes(UTF_8));
  }

  private static void carryInput(FrameStream stream, InputPipe input)
      throws IOException, InterruptedException {
    while (stream.next()) {
      if (FrameHeader.type(stream.header(), 0) != MessageType.STDIN) {
        throw AttachFrames.unexpected(stream);
      }
      if (stream.bodyRemaining() == 0) {
        input.end();
      } else {
        byte[] bytes = stream.read(stream.bodyRemaining());
        int done = 0;
        while ((done += input.write(bytes, done, bytes.length - done, PROBE_NS)) < bytes.length) {
          // A command that is gone cannot be told from a silent one by not reading from it.
          AttachFrames.sendBytes(stream, MessageType.STDERR, bytes, 0, 0);
        }
      }
    }
  }
}
