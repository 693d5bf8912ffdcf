package org.splitrack.manager.internal.process;

import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.splitrack.fabric.BootId;
import org.splitrack.fabric.ComponentId;
import org.splitrack.fabric.Endpoint;
import org.splitrack.fabric.ProcessId;
import org.splitrack.fabric.Role;
import org.splitrack.fabric.control.ControlClient;
import org.splitrack.fabric.control.ControlFault;
import org.splitrack.fabric.control.ControlFault.Code;
import org.splitrack.fabric.control.ProcessCalls.StartProcess;
import org.splitrack.fabric.control.ProcessSpec;
import org.splitrack.manager.internal.authority.ConfigStore;
import org.splitrack.manager.internal.authority.NumberSupply;
import org.splitrack.manager.internal.authority.ProcessRow;
import org.splitrack.manager.internal.authority.ProcessStatus;
import org.splitrack.manager.internal.membership.Member;
import org.splitrack.manager.internal.membership.Membership;
import org.splitrack.manager.internal.process.ProcessPlacement.Candidate;
import org.splitrack.manager.internal.report.EventLinks;
import org.splitrack.manager.internal.report.RackReports;

/** Starts processes. Each attempt at a pComponent is a process with a number of its own. */
public final class ProcessStarts {
  public static final int MAX_RUNNING = 512;

  /** A large module is compiled before the call is answered. */
  static final Duration START_LIMIT = Duration.ofSeconds(60);

  private static final int FIRST_INCARNATION = 1;
  private static final int TICKET_BYTES = 16;

  private static final SecureRandom RANDOM = new SecureRandom();

  private final ConfigStore store;
  private final Membership membership;
  private final ProgramStore programs;
  private final NumberSupply processNumbers;
  private final ProcessEnds ends;
  private final RollCall rollCall;
  private final ControlClient control;
  private final RackReports reports;
  private final EventLinks links;
  private final InstantSource clock;
  private final Map<BootId, Set<String>> digestsSent = new ConcurrentHashMap<>();

  /** Held from counting to storing, so that starts at the same time see each other. */
  private final Object placing = new Object();

  public ProcessStarts(
      ConfigStore store,
      Membership membership,
      ProgramStore programs,
      NumberSupply processNumbers,
      ProcessEnds ends,
      RollCall rollCall,
      ControlClient control,
      RackReports reports,
      EventLinks links,
      InstantSource clock) {
    this.store = store;
    this.membership = membership;
    this.programs = programs;
    this.processNumbers = processNumbers;
    this.ends = ends;
    this.rollCall = rollCall;
    this.control = control;
    this.reports = reports;
    this.links = links;
    this.clock = clock;
  }

  /**
   * A started process and how to attach to it.
   *
   * @param attach fabric endpoint of its pComponent
   * @param ticket what an attaching command must show
   */
  public record Started(ProcessId process, ComponentId component, Endpoint attach, String ticket) {}

  /**
   * Starts a process at the best pComponent that takes it.
   *
   * @throws ControlFault BAD_REQUEST for a wrong spec, NOT_FOUND when the program was not sent,
   *     FULL when no pComponent takes it
   */
  public Started start(ProcessSpec spec) {
    SpecCheck.require(spec);
    if (!programs.holds(spec.programDigest())) {
      throw new ControlFault(
          Code.NOT_FOUND, "the rack does not hold program " + spec.programDigest());
    }
    List<ComponentId> tried = new ArrayList<>();
    ControlFault refusal = new ControlFault(Code.FULL, "no pComponent is up");
    while (true) {
      Optional<Placed> next = place(spec, tried);
      if (next.isEmpty()) {
        throw new ControlFault(Code.FULL, "nothing can run it: " + refusal.getMessage());
      }
      Placed placed = next.get();
      tried.add(placed.member().component());
      try {
        return startAt(placed);
      } catch (ControlFault e) {
        refusal = new ControlFault(e.code(), placed.member().component() + ": " + e.getMessage());
        refuse(placed, refusal);
      }
    }
  }

  private record Placed(ProcessRow row, Member member) {}

  private Optional<Placed> place(ProcessSpec spec, List<ComponentId> tried) {
    ProcessId process = new ProcessId(processNumbers.take(1, NumberSupply.PATIENCE).getFirst());
    synchronized (placing) {
      Map<ComponentId, Long> running =
          store.runningProcesses().stream()
              .collect(Collectors.groupingBy(ProcessRow::component, Collectors.counting()));
      if (running.values().stream().mapToLong(Long::longValue).sum() >= MAX_RUNNING) {
        throw new ControlFault(Code.FULL, "the rack runs " + MAX_RUNNING + " processes already");
      }
      Map<ComponentId, Member> up =
          membership.up(Role.PCOMPONENT).stream()
              .filter(member -> !tried.contains(member.component()))
              .collect(Collectors.toMap(Member::component, Function.identity()));
      List<Candidate> order =
          ProcessPlacement.order(
              up.values().stream()
                  .map(
                      member ->
                          new Candidate(
                              member.component(),
                              running.getOrDefault(member.component(), 0L).intValue(),
                              member.load()))
                  .toList());
      return order.stream()
          .findFirst()
          .map(candidate -> up.get(candidate.component()))
          .map(member -> new Placed(insert(process, spec, member), member));
    }
  }

  private ProcessRow insert(ProcessId process, ProcessSpec spec, Member member) {
    ProcessRow row =
        new ProcessRow(
            process,
            FIRST_INCARNATION,
            spec,
            member.component(),
            member.boot(),
            clock.instant(),
            null);
    ends.expect(process);
    if (!store.replaceProcess(null, row)) {
      throw new IllegalStateException("process " + process + " exists already");
    }
    reports.process(row);
    links.follow(
        process,
        reports.event(
            "process_placed",
            process,
            null,
            null,
            "Process "
                + process
                + " ("
                + spec.name()
                + ") is placed on "
                + member.component()
                + ", which runs the fewest.",
            Map.of("component", member.component().toString())));
    return row;
  }

  private Started startAt(Placed placed) {
    Member member = placed.member();
    ProcessRow row = placed.row();
    String ticket = ticket();
    StartProcess call = new StartProcess(row.process(), row.incarnation(), ticket, row.spec());
    String digest = row.spec().programDigest();
    Set<String> sent =
        digestsSent.computeIfAbsent(member.boot(), boot -> ConcurrentHashMap.newKeySet());
    if (!sent.contains(digest) || !startWithout(member, call)) {
      control.exchange(member.endpoint(), call, programs.read(digest), START_LIMIT);
      sent.add(digest);
    }
    long event =
        reports.event(
            "process_started",
            row.process(),
            null,
            links.ofProcess(row.process()),
            "Process " + row.process() + " runs on " + member.component() + ".",
            Map.of("component", member.component().toString()));
    if (store.process(row.process()).filter(ProcessRow::isRunning).isPresent()) {
      links.follow(row.process(), event);
      rollCall.started(row.process());
    }
    return new Started(row.process(), member.component(), member.endpoint(), ticket);
  }

  /** Starts it from the module that the pComponent keeps; false when it keeps it no longer. */
  private boolean startWithout(Member member, StartProcess call) {
    try {
      control.call(member.endpoint(), call, START_LIMIT);
      return true;
    } catch (ControlFault e) {
      if (e.code() == Code.NOT_FOUND) {
        return false;
      }
      throw e;
    }
  }

  private void refuse(Placed placed, ControlFault refusal) {
    ends.declare(
        placed.row(),
        ProcessStatus.FAILED,
        ExitCodes.RACK_FAILED,
        String.valueOf(refusal.getMessage()),
        null);
    if (refusal.code() == Code.BAD_REQUEST) {
      throw refusal;
    }
    // It may have started all the same.
    Thread.ofVirtual().start(() -> ends.askToStop(placed.row(), "its start was given up"));
  }

  /** That start of a pComponent is over, and the modules that it kept with it. */
  public void forget(BootId boot) {
    digestsSent.remove(boot);
  }

  private static String ticket() {
    byte[] bytes = new byte[TICKET_BYTES];
    RANDOM.nextBytes(bytes);
    return HexFormat.of().formatHex(bytes);
  }
}
