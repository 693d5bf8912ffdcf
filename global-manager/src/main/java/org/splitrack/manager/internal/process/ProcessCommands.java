package org.splitrack.manager.internal.process;

import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.splitrack.fabric.ProcessId;
import org.splitrack.fabric.control.Answer;
import org.splitrack.fabric.control.ControlClient;
import org.splitrack.fabric.control.ControlFault;
import org.splitrack.fabric.control.ControlFault.Code;
import org.splitrack.fabric.control.ProcessCalls.Output;
import org.splitrack.fabric.control.ProcessCalls.ReadOutput;
import org.splitrack.fabric.control.ProcessCalls.SetProcess;
import org.splitrack.fabric.control.ProcessCalls.StopProcess;
import org.splitrack.manager.internal.authority.ConfigStore;
import org.splitrack.manager.internal.authority.ProcessRow;
import org.splitrack.manager.internal.membership.Member;
import org.splitrack.manager.internal.membership.MemberState;
import org.splitrack.manager.internal.membership.Membership;
import org.splitrack.manager.internal.report.EventLinks;
import org.splitrack.manager.internal.report.RackReports;

/** What a person asks of a process that exists. */
public final class ProcessCommands {
  private static final Duration CALL_LIMIT = Duration.ofSeconds(5);
  private static final Duration OUTPUT_POLL = Duration.ofMillis(50);
  private static final int OUTPUT_BYTES = 256 << 10;

  private final ConfigStore store;
  private final Membership membership;
  private final ControlClient control;
  private final RackReports reports;
  private final EventLinks links;

  public ProcessCommands(
      ConfigStore store,
      Membership membership,
      ControlClient control,
      RackReports reports,
      EventLinks links) {
    this.store = store;
    this.membership = membership;
    this.control = control;
    this.reports = reports;
    this.links = links;
  }

  /**
   * Begins the end of a process.
   *
   * @throws ControlFault NOT_FOUND, EXISTS when it has ended already
   */
  public void stop(ProcessId process) {
    ProcessRow row = requireRunning(process);
    Member member = requireMember(row);
    long event =
        reports.event(
            "process_stopping",
            process,
            null,
            links.ofProcess(process),
            "Process " + process + " (" + row.spec().name() + ") is told to stop.",
            Map.of());
    links.follow(process, event);
    try {
      control.call(member.endpoint(), new StopProcess(process, "stopped by command"), CALL_LIMIT);
    } catch (ControlFault e) {
      // It has just ended by itself: then the wish is fulfilled.
      if (e.code() != Code.NOT_FOUND) {
        throw e;
      }
    }
    if (store.process(process).filter(ProcessRow::isRunning).isEmpty()) {
      links.forget(process);
    }
  }

  /**
   * Changes a running process.
   *
   * @param settings {@code cache} = {@code 25%}
   * @throws ControlFault NOT_FOUND, EXISTS when it has ended already, BAD_REQUEST
   */
  public void set(ProcessId process, Map<String, String> settings) {
    SpecCheck.requireSettings(settings);
    ProcessRow row = requireRunning(process);
    control.call(requireMember(row).endpoint(), new SetProcess(process, settings), CALL_LIMIT);
    reports.event(
        "process_set",
        process,
        null,
        links.ofProcess(process),
        "Process " + process + " now has " + settings + ".",
        Map.copyOf(settings));
  }

  /**
   * What a process wrote, from {@code offset} on; waits for more until it has ended or {@code
   * patience} is over.
   *
   * @throws ControlFault NOT_FOUND
   */
  public Answer<Output> output(ProcessId process, long offset, Duration patience) {
    ProcessRow row = requireKnown(process);
    Member member = requireMember(row);
    long startNs = System.nanoTime();
    while (true) {
      Answer<Output> answer =
          control.exchange(
              member.endpoint(), new ReadOutput(process, offset, OUTPUT_BYTES), null, CALL_LIMIT);
      byte[] bytes = answer.attachment();
      boolean empty = bytes == null || bytes.length == 0;
      if (!empty
          || answer.reply().ended()
          || System.nanoTime() - startNs >= patience.toNanos()
          || !sleep()) {
        return answer;
      }
    }
  }

  private static boolean sleep() {
    try {
      Thread.sleep(OUTPUT_POLL);
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private ProcessRow requireKnown(ProcessId process) {
    return store
        .process(process)
        .orElseThrow(() -> new ControlFault(Code.NOT_FOUND, "there is no process " + process));
  }

  private ProcessRow requireRunning(ProcessId process) {
    ProcessRow row = requireKnown(process);
    ProcessRow.End end = row.end();
    if (end != null) {
      throw new ControlFault(
          Code.EXISTS,
          "process "
              + process
              + " has ended already: "
              + end.status().text()
              + " with code "
              + end.exitCode());
    }
    return row;
  }

  private Member requireMember(ProcessRow row) {
    Optional<Member> member = membership.member(row.component());
    return member
        .filter(m -> m.boot().equals(row.boot()))
        .filter(m -> m.state() != MemberState.DOWN && m.state() != MemberState.LEFT)
        .orElseThrow(
            () ->
                new ControlFault(
                    Code.UNAVAILABLE,
                    row.component() + ", where process " + row.process() + " ran, is gone"));
  }
}
