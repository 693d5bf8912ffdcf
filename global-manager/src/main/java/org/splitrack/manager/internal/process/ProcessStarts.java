package org.splitrack.manager.internal.process;

import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
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
import org.splitrack.manager.internal.authority.ProcessRow.Place;
import org.splitrack.manager.internal.authority.ProcessStatus;
import org.splitrack.manager.internal.membership.Member;
import org.splitrack.manager.internal.membership.Membership;
import org.splitrack.manager.internal.memory.RegionGrants;
import org.splitrack.manager.internal.process.ProcessPlacement.Candidate;
import org.splitrack.manager.internal.report.EventLinks;
import org.splitrack.manager.internal.report.RackReports;

/** Starts processes. Each attempt at a pComponent is a process with a number of its own. */
public final class ProcessStarts {
  public static final int MAX_RUNNING = 512;

  /** For a module to arrive; it is compiled after the answer. Then another pComponent is tried. */
  static final Duration START_LIMIT = Duration.ofSeconds(5);

  private static final int FIRST_INCARNATION = 1;
  private static final int TICKET_BYTES = 16;

  private static final Duration RETRY_PAUSE = Duration.ofMillis(200);
  private static final Logger LOG = LoggerFactory.getLogger(ProcessStarts.class);
  private static final SecureRandom RANDOM = new SecureRandom();

  private final ConfigStore store;
  private final Membership membership;
  private final ProgramStore programs;
  private final NumberSupply processNumbers;
  private final ProcessEnds ends;
  private final RegionGrants grants;
  private final RollCall rollCall;
  private final StorageFences fences;
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
      RegionGrants grants,
      RollCall rollCall,
      StorageFences fences,
      ControlClient control,
      RackReports reports,
      EventLinks links,
      InstantSource clock) {
    this.store = store;
    this.membership = membership;
    this.programs = programs;
    this.processNumbers = processNumbers;
    this.ends = ends;
    this.grants = grants;
    this.rollCall = rollCall;
    this.fences = fences;
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
    awaitLeading();
    if (!programs.has(spec.programDigest())) {
      throw new ControlFault(
          Code.NOT_FOUND, "the rack does not hold program " + spec.programDigest());
    }
    List<ComponentId> tried = new ArrayList<>();
    ControlFault refusal = new ControlFault(Code.FULL, "no pComponent is up");
    while (true) {
      Optional<Placed> next = place(spec, tried);
      if (next.isEmpty() && !membership.isSettled() && pause()) {
        continue;
      }
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

  /** A manager that has just started leads in a moment. */
  private void awaitLeading() {
    long startNs = System.nanoTime();
    while (!store.leads()
        && System.nanoTime() - startNs < NumberSupply.PATIENCE.toNanos()
        && pause()) {}
  }

  private record Placed(ProcessRow row, Member member) {}

  private Optional<Placed> place(ProcessSpec spec, List<ComponentId> tried) {
    ProcessId process = new ProcessId(processNumbers.take(1, NumberSupply.PATIENCE).getFirst());
    synchronized (placing) {
      if (running().values().stream().mapToLong(Long::longValue).sum() >= MAX_RUNNING) {
        throw new ControlFault(Code.FULL, "the rack runs " + MAX_RUNNING + " processes already");
      }
      return best(tried).map(member -> new Placed(insert(process, spec, member), member));
    }
  }

  private Optional<Member> best(List<ComponentId> excluded) {
    Map<ComponentId, Long> running = running();
    Map<ComponentId, Member> up =
        membership.up(Role.PCOMPONENT).stream()
            .filter(member -> !excluded.contains(member.component()))
            .filter(member -> !fences.isFenced(member.boot()))
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
    return order.stream().findFirst().map(candidate -> up.get(candidate.component()));
  }

  private Map<ComponentId, Long> running() {
    return store.runningProcesses().stream()
        .collect(Collectors.groupingBy(ProcessRow::component, Collectors.counting()));
  }

  private ProcessRow insert(ProcessId process, ProcessSpec spec, Member member) {
    ProcessRow row =
        new ProcessRow(
            process,
            FIRST_INCARNATION,
            spec,
            place(member),
            ticket(),
            false,
            clock.instant().truncatedTo(ChronoUnit.MICROS),
            null);
    ends.expect(process);
    try {
      if (!store.addProcess(row)) {
        throw new IllegalStateException("process " + process + " exists already");
      }
    } catch (ControlFault e) {
      ends.expectNoMore(process);
      throw e;
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
    StartProcess call =
        new StartProcess(row.process(), row.incarnation(), row.ticket(), row.spec());
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
    return new Started(row.process(), member.component(), member.endpoint(), row.ticket());
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

  private static Place place(Member member) {
    return new Place(member.component(), member.boot(), member.endpoint());
  }

  /**
   * Runs a process again elsewhere, from its beginning and with fresh memory, if nothing has left
   * it; else it fails as one that is not to be restarted. Waits for the authority.
   *
   * @param reason why it cannot go on where it is
   */
  public void restart(ProcessRow row, String reason, @Nullable Long cause) {
    // One for all attempts: an expulsion that was stored without an answer is known by it.
    String ticket = ticket();
    while (store.leads()) {
      try {
        Optional<ProcessRow> present = store.process(row.process()).filter(ProcessRow::isRunning);
        if (present.filter(now -> now.ticket().equals(ticket)).isPresent()) {
          beginAgain(present.get(), reason, cause);
          return;
        }
        if (present.isEmpty() || present.get().incarnation() != row.incarnation()) {
          return;
        }
        expelOrFail(present.get(), ticket, reason, cause);
      } catch (ControlFault e) {
        LOG.warn("the restart of process {} waits: {}", row.process(), e.getMessage());
        if (!pause()) {
          return;
        }
      }
    }
  }

  /** Stores the next incarnation, unless the row has changed meanwhile. */
  private void expelOrFail(ProcessRow row, String ticket, String reason, @Nullable Long cause) {
    if (row.effectsLeft()) {
      fail(row, reason + ", and something had left it", cause);
      return;
    }
    Optional<List<ComponentId>> holders;
    synchronized (placing) {
      Optional<Member> elsewhere = best(List.of(row.component()));
      if (elsewhere.isEmpty()) {
        fail(row, reason + ", and no other pComponent is up", cause);
        return;
      }
      holders = grants.expel(row, row.restarted(place(elsewhere.get()), ticket));
    }
    holders.ifPresent(present -> Thread.ofVirtual().start(() -> ends.release(present)));
  }

  private void beginAgain(ProcessRow row, String reason, @Nullable Long cause) {
    reports.process(row);
    links.follow(
        row.process(),
        reports.event(
            "process_restarted",
            row.process(),
            null,
            cause,
            "Process "
                + row.process()
                + " begins again on "
                + row.component()
                + ": "
                + reason
                + ", and nothing had left it.",
            Map.of("component", row.component().toString(), "incarnation", row.incarnation())));
    try {
      Member member =
          membership
              .member(row.component())
              .filter(present -> present.boot().equals(row.boot()))
              .orElseThrow(() -> new ControlFault(Code.UNAVAILABLE, "it was restarted"));
      var _ = startAt(new Placed(row, member));
    } catch (ControlFault e) {
      fail(row, reason + ", and " + row.component() + " did not take it: " + e.getMessage(), cause);
    }
  }

  private void fail(ProcessRow row, String reason, @Nullable Long cause) {
    ends.declare(row, ProcessStatus.FAILED, ExitCodes.COMPONENT_DIED, reason, cause);
  }

  private static boolean pause() {
    try {
      Thread.sleep(RETRY_PAUSE);
      return true;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
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
