package org.splitrack.fabric.control;

import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.splitrack.fabric.ProcessId;

/** Calls about processes, between the global manager and pComponents. */
public final class ProcessCalls {
  private ProcessCalls() {}

  /**
   * Manager to pComponent. The module is the attachment, left out when the pComponent is known to
   * hold the digest; when it does not, it answers NOT_FOUND and the call is repeated with it.
   *
   * @param ticket what an attaching command must show; random
   */
  public record StartProcess(ProcessId process, int incarnation, String ticket, ProcessSpec spec)
      implements ControlRequest<ControlReply.Done> {}

  /** Manager to pComponent: end it; answered when its end has begun. */
  public record StopProcess(ProcessId process, String reason)
      implements ControlRequest<ControlReply.Done> {}

  /**
   * Manager to pComponent: memory of it is gone. End it as lost; answered when its end has begun.
   *
   * @param reason one line
   */
  public record LoseProcess(ProcessId process, String reason)
      implements ControlRequest<ControlReply.Done> {}

  /** Manager to pComponent: {@code rack set P cache=25%}. */
  public record SetProcess(ProcessId process, Map<String, String> settings)
      implements ControlRequest<ControlReply.Done> {}

  /**
   * Manager to pComponent: what the process wrote, from a byte offset of its kept output on.
   *
   * @param maxBytes at most this many, up to 256 KiB
   */
  public record ReadOutput(ProcessId process, long offset, int maxBytes)
      implements ControlRequest<Output> {}

  /**
   * Standard output and error as one stream, in order of writing; the oldest is dropped beyond the
   * limit. The bytes are the reply's attachment.
   *
   * @param offset of the first byte here; higher than asked for when older output was dropped
   * @param ended the process has ended and nothing follows
   */
  public record Output(long offset, boolean ended) implements ControlReply {}

  /**
   * pComponent to manager, for a process that is to be restarted on failure: something is about to
   * leave it for the first time. The effect waits for the answer; after it the process is not run
   * again. DENIED: that incarnation is expelled.
   *
   * @param what one clause: {@code output}
   */
  public record FirstEffect(ProcessId process, int incarnation, String what)
      implements ControlRequest<ControlReply.Done> {}

  /**
   * pComponent to manager, repeated until answered: a process has ended.
   *
   * @param state {@code exited}, {@code failed}, {@code lost} or {@code stopped}
   * @param exitCode the program's, or 134 for a trap, 143 stopped, 125 the rack failed or its
   *     memory is lost, 126 not a runnable module
   * @param reason one line; null when it exited by itself
   * @param stats the keys of {@code --stats}
   */
  public record ProcessEnded(
      ProcessId process,
      int incarnation,
      String state,
      int exitCode,
      @Nullable String reason,
      Map<String, Number> stats)
      implements ControlRequest<ControlReply.Done> {}
}
