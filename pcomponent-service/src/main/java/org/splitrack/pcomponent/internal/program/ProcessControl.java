package org.splitrack.pcomponent.internal.program;

import static org.splitrack.fabric.control.ControlFault.Code.BAD_REQUEST;
import static org.splitrack.fabric.control.ControlFault.Code.FAILED;
import static org.splitrack.fabric.control.ControlFault.Code.NOT_FOUND;

import java.io.IOException;
import java.util.Map;
import org.splitrack.fabric.control.Answer;
import org.splitrack.fabric.control.ControlFault;
import org.splitrack.fabric.control.ControlReply;
import org.splitrack.fabric.control.ControlServer;
import org.splitrack.fabric.control.MemoryCalls.UpdateGrants;
import org.splitrack.fabric.control.ProcessCalls.LoseProcess;
import org.splitrack.fabric.control.ProcessCalls.Output;
import org.splitrack.fabric.control.ProcessCalls.ReadOutput;
import org.splitrack.fabric.control.ProcessCalls.SetProcess;
import org.splitrack.fabric.control.ProcessCalls.StartProcess;
import org.splitrack.fabric.control.ProcessCalls.StopProcess;

/** What the manager may ask about processes. */
public final class ProcessControl {
  static final int MAX_OUTPUT_BYTES = 256 * 1024;

  private final ProcessTable processes;

  public ProcessControl(ProcessTable processes) {
    this.processes = processes;
  }

  /** Answers these calls from now on. */
  public void registerWith(ControlServer server) {
    server.register(
        StartProcess.class,
        (request, module, peer) -> {
          processes.start(request, module);
          return new ControlReply.Done();
        });
    server.register(
        StopProcess.class,
        (request, attachment, peer) -> {
          processes.require(request.process()).stop(request.reason());
          return new ControlReply.Done();
        });
    server.register(
        LoseProcess.class,
        (request, attachment, peer) -> {
          processes.require(request.process()).lose(request.reason());
          return new ControlReply.Done();
        });
    server.register(
        UpdateGrants.class,
        (request, attachment, peer) -> {
          ProgramProcess process = processes.require(request.process());
          if (process.incarnation() != request.incarnation()) {
            throw new ControlFault(
                NOT_FOUND,
                "process " + request.process() + " is incarnation " + process.incarnation());
          }
          process.updateGrants(request.grants());
          return new ControlReply.Done();
        });
    server.register(
        SetProcess.class,
        (request, attachment, peer) -> {
          set(request);
          return new ControlReply.Done();
        });
    server.registerExchange(ReadOutput.class, (request, attachment, peer) -> read(request));
  }

  private void set(SetProcess request) {
    ProgramProcess process = processes.require(request.process());
    for (Map.Entry<String, String> setting : request.settings().entrySet()) {
      if (!setting.getKey().equals("cache")) {
        throw new ControlFault(
            BAD_REQUEST, "'" + setting.getKey() + "' cannot be set; cache=25% can");
      }
      if (!process.setCache(ProcessOptions.cache(setting.getValue()))) {
        throw new ControlFault(NOT_FOUND, "process " + request.process() + " has ended");
      }
    }
  }

  private Answer<Output> read(ReadOutput request) {
    if (request.offset() < 0 || request.maxBytes() < 0) {
      throw new ControlFault(
          BAD_REQUEST, request.maxBytes() + " bytes of output from " + request.offset());
    }
    ProgramProcess process = processes.require(request.process());
    // Asked before reading: what is drained later is not what was read.
    boolean drained = process.hasEnded() && process.pump().isDrained();
    try {
      ProcessLog.Piece piece =
          process.log().read(request.offset(), Math.min(request.maxBytes(), MAX_OUTPUT_BYTES));
      return new Answer<>(
          new Output(piece.offset(), drained && piece.last()), piece.bytes().array());
    } catch (IOException e) {
      throw new ControlFault(FAILED, "kept output cannot be read: " + e.getMessage());
    }
  }
}
