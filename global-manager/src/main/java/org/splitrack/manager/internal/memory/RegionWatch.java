package org.splitrack.manager.internal.memory;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.splitrack.fabric.ComponentId;
import org.splitrack.fabric.ProcessId;
import org.splitrack.fabric.RegionId;
import org.splitrack.fabric.control.ControlClient;
import org.splitrack.fabric.control.ControlFault;
import org.splitrack.fabric.control.ControlFault.Code;
import org.splitrack.fabric.control.MemoryCalls;
import org.splitrack.fabric.control.MemoryCalls.CaughtUp;
import org.splitrack.fabric.control.MemoryCalls.CopyStatus;
import org.splitrack.fabric.control.MemoryCalls.HandedOff;
import org.splitrack.fabric.control.MemoryCalls.ProbeRegions;
import org.splitrack.fabric.control.MemoryCalls.RegionRelease;
import org.splitrack.fabric.control.MemoryCalls.ReserveRegion;
import org.splitrack.fabric.control.MemoryCalls.StalledAccess;
import org.splitrack.fabric.control.MemoryCalls.SuspectHome;
import org.splitrack.fabric.control.MemoryCalls.SuspectMember;
import org.splitrack.fabric.control.MemoryCalls.UpdateGrants;
import org.splitrack.fabric.region.ConfigChange;
import org.splitrack.fabric.region.CopyLimits;
import org.splitrack.fabric.region.CopyPlace;
import org.splitrack.fabric.region.CopyPlacement;
import org.splitrack.fabric.region.InstallAnswer;
import org.splitrack.fabric.region.RegionConfig;
import org.splitrack.fabric.region.RegionSteward;
import org.splitrack.fabric.region.StewardEffects;
import org.splitrack.fabric.region.StoreAnswer;
import org.splitrack.manager.internal.authority.ConfigStore;
import org.splitrack.manager.internal.authority.ProcessRow;
import org.splitrack.manager.internal.membership.Member;
import org.splitrack.manager.internal.membership.Membership;

/**
 * Drives the {@link RegionSteward} with the real rack: one thread owns it and takes events from a
 * queue; whatever it wants done is done on threads that may wait, and answered by further events.
 * Installations, grants and releases of one event go out together, a call for each component.
 */
public final class RegionWatch implements AutoCloseable {
  public static final long TICK_MS = 50;

  /** How long a component has for the answer to a probe. */
  static final long PROBE_MS = 400;

  /** A probe that took this much longer than it could says that it was this manager that slept. */
  private static final long OWN_DELAY_MS = 200;

  private static final int MAX_EVENTS = 1 << 16;
  private static final int MAX_CALLS_TO_ONE = 2;

  /** Events after which what they brought about is sent, though more wait. */
  private static final int MAX_BURST = 256;

  private static final Duration CALL_LIMIT = Duration.ofSeconds(2);
  private static final Duration ANSWER_LIMIT = Duration.ofSeconds(5);

  /** A program waits for it in its growth. */
  private static final Duration RELIEF_LIMIT = Duration.ofSeconds(4);

  private static final Duration RELIEF_POLL = Duration.ofMillis(10);
  private static final Logger LOG = LoggerFactory.getLogger(RegionWatch.class);

  private final ConfigStore store;
  private final Membership membership;
  private final MemoryLedger ledger;
  private final RegionInstaller installer;
  private final RegionReleases releases;
  private final ControlClient control;
  private final RegionStory story;
  private final ChangeQueue changeQueue;
  private final BlockingQueue<Runnable> events = new LinkedBlockingQueue<>(MAX_EVENTS);
  private final Set<CopyPlace> probing = ConcurrentHashMap.newKeySet();
  private final Map<CopyPlace, Semaphore> calls = new ConcurrentHashMap<>();
  private final Thread thread = Thread.ofPlatform().daemon().name("regions").unstarted(this::run);
  private volatile boolean closed;

  // Owned by the thread.
  private final Effects effects = new Effects();
  private final RegionSteward steward;

  public RegionWatch(
      ConfigStore store,
      Membership membership,
      MemoryLedger ledger,
      RegionInstaller installer,
      RegionReleases releases,
      CopyPlacement placement,
      ControlClient control,
      RegionStory story) {
    this.store = store;
    this.membership = membership;
    this.ledger = ledger;
    this.installer = installer;
    this.releases = releases;
    this.control = control;
    this.story = story;
    this.changeQueue = new ChangeQueue(store::change, this::onStored);
    this.steward = new RegionSteward(effects, placement);
  }

  public void start() {
    thread.start();
  }

  @Override
  public void close() {
    closed = true;
    thread.interrupt();
  }

  // ---- events, from any thread ----

  /** This manager leads, and these are all rows. */
  public void onLeading(long term, List<RegionConfig> rows) {
    post(() -> steward.onLeading(term, rows));
  }

  /** Another manager leads. */
  public void onResigned() {
    post(steward::onResigned);
  }

  /** Rows of a growth: every copy has them, and the process is being told. */
  void onGranted(List<RegionConfig> configs) {
    post(
        () -> {
          effects.installed(configs);
          steward.onRows(configs);
          for (RegionConfig config : configs) {
            InstallAnswer answer = new InstallAnswer(InstallAnswer.Kind.INSTALLED, config);
            config
                .members()
                .forEach(
                    place ->
                        steward.onInstallAnswer(config.region(), place, config.epoch(), answer));
            steward.onInstallAnswer(config.region(), config.home(), config.epoch(), answer);
            steward.onTold(config.region(), config.epoch());
          }
        });
  }

  /** These regions are no longer anyone's, and whoever ended them has their copies released. */
  void onEnded(List<RegionConfig> gone) {
    post(
        () -> {
          effects.released(gone);
          gone.forEach(config -> steward.onEnded(config.region()));
          story.ended(gone);
        });
  }

  public void onPresent(Member member) {
    post(() -> steward.onPresent(place(member)));
  }

  /** Proof that whatever that start had in memory is gone. */
  public void onBootGone(Member member) {
    post(
        () -> {
          story.gone(place(member));
          steward.onBootGone(place(member));
          calls.remove(place(member));
        });
  }

  /**
   * Somebody got no answer from that start of an mComponent.
   *
   * @param what one clause
   */
  public void onSuspected(Member member, String what) {
    post(
        () -> {
          story.suspected(place(member), what);
          steward.onSuspected(place(member));
        });
  }

  public void onCaughtUp(CaughtUp report) {
    post(
        () -> {
          steward.onCaughtUp(report.region(), report.epoch(), report.learner());
        });
  }

  public void onHandedOff(HandedOff report) {
    post(
        () -> {
          story.handedOff(report);
          steward.onHandedOff(report.config());
        });
  }

  /** A home complains of one of its copies. */
  public void onSuspected(SuspectMember complaint, ComponentId caller) {
    post(
        () -> {
          noteSuspicion(complaint.member(), "as told by " + caller + ", it does not acknowledge");
          steward.onMemberSuspected(complaint.region(), complaint.epoch(), complaint.member());
        });
  }

  /** A process complains of a home. */
  public void onSuspected(SuspectHome complaint, ComponentId caller) {
    String what = complaint.unreachable() ? "connection lost" : "no answer";
    post(
        () -> {
          noteSuspicion(complaint.home(), what + ", as told by " + caller);
          steward.onHomeSuspected(
              complaint.region(), complaint.epoch(), complaint.home(), complaint.unreachable());
        });
  }

  /** A process's page requests were held up. */
  public void onStalled(StalledAccess report) {
    post(() -> report.stalls().forEach(story::stalled));
  }

  private void onStored(long change, StoreAnswer answer) {
    post(() -> steward.onStored(change, answer));
  }

  private void noteSuspicion(CopyPlace place, String what) {
    if (isThere(place)) {
      story.suspected(place, what);
    }
  }

  private boolean isThere(CopyPlace place) {
    return membership
        .member(place.component())
        .filter(member -> place.hasBoot(member.boot()))
        .isPresent();
  }

  /** Asks a component what it holds; what it should not hold is released. */
  public void compare(Member member, Predicate<RegionId> beginning) {
    CopyPlace place = place(member);
    Thread.ofVirtual()
        .start(
            () -> {
              try {
                List<CopyStatus> copies =
                    control
                        .call(place.endpoint(), new ProbeRegions(place.boot(), true), CALL_LIMIT)
                        .copies();
                post(() -> compare(place, copies, beginning));
              } catch (ControlFault e) {
                LOG.debug("{} does not say what it holds: {}", place, e.getMessage());
              }
            });
  }

  private void compare(CopyPlace place, List<CopyStatus> copies, Predicate<RegionId> beginning) {
    if (!steward.isLeading()) {
      return;
    }
    for (CopyStatus copy : copies) {
      if (steward.row(copy.region()) != null) {
        steward.onHeld(place, copy.region(), copy.epoch());
      } else if (store.region(copy.region()).isEmpty() && !beginning.test(copy.region())) {
        steward.onHeldAfterEnd(place, copy.region(), copy.epoch());
      }
    }
  }

  // ---- questions, from any thread ----

  /**
   * Begins to move the homes of regions.
   *
   * @return why not, of those that do not begin
   */
  Map<RegionId, String> migrate(Map<RegionId, CopyPlace> targets) {
    return ask(
        () -> {
          Map<RegionId, String> refused = new LinkedHashMap<>();
          targets.forEach(
              (region, target) -> {
                String refusal = steward.migrate(region, target);
                if (refusal != null) {
                  refused.put(region, refusal);
                }
              });
          return refused;
        });
  }

  /**
   * Moves one copy of a region to a component with more room, and waits for that, but not long.
   *
   * @param full the copy that has no room to grow
   * @param pages that the region needs on each of its holders
   */
  void relieve(RegionId region, CopyPlace full, int pages) {
    long startNs = System.nanoTime();
    post(() -> steward.relieve(region, full, pages));
    while (ask(() -> steward.isRelieving(region))
        && System.nanoTime() - startNs < RELIEF_LIMIT.toNanos()) {
      try {
        Thread.sleep(RELIEF_POLL);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return;
      }
    }
  }

  /** Gives a migration up, if that is still in time. */
  public void abort(RegionId region, String reason) {
    post(() -> steward.abort(region, reason));
  }

  /** How many copies are made at once from now on. */
  public void limit(CopyLimits limits) {
    post(() -> steward.limit(limits));
  }

  /** Empties an mComponent, or no longer. */
  public void drain(ComponentId component, boolean draining) {
    post(() -> steward.drain(component, draining));
  }

  /** Copies that rows place on it. */
  int copiesOn(ComponentId component) {
    return ask(() -> steward.copiesOn(component));
  }

  /**
   * Regions of which the next single kill may lose something; empty when this manager does not lead
   * and so does not know.
   */
  Optional<List<RegionId>> unprotected() {
    return ask(
        () ->
            steward.isLeading()
                ? Optional.of(
                    steward.rows().stream()
                        .filter(
                            row ->
                                !row.ack().waitsForCopies() || !steward.isProtected(row.region()))
                        .map(RegionConfig::region)
                        .toList())
                : Optional.empty());
  }

  private <T> T ask(Supplier<T> question) {
    CompletableFuture<T> answer = new CompletableFuture<>();
    post(() -> answer.complete(question.get()));
    try {
      return answer.get(ANSWER_LIMIT.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new ControlFault(Code.UNAVAILABLE, "interrupted");
    } catch (ExecutionException | TimeoutException e) {
      throw new ControlFault(Code.UNAVAILABLE, "the manager is busy with its regions; try again");
    }
  }

  // ---- the thread ----

  private void post(Runnable event) {
    try {
      events.put(event);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    long nextTickNs = System.nanoTime();
    int unsent = 0;
    while (!closed) {
      try {
        if (unsent > 0 && (events.isEmpty() || unsent >= MAX_BURST)) {
          unsent = 0;
          effects.flush();
        }
        long restNs = nextTickNs - System.nanoTime();
        Runnable event = restNs <= 0 ? null : events.poll(restNs, TimeUnit.NANOSECONDS);
        if (event == null) {
          // A late tick is not made up for: what waits for ticks waits for answers of others too.
          nextTickNs = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(TICK_MS);
          steward.onTick();
        } else {
          event.run();
        }
      } catch (InterruptedException e) {
        return;
      } catch (RuntimeException e) {
        LOG.error("an event about regions failed; the next ones do not", e);
      }
      effects.endEvent();
      unsent++;
    }
  }

  private static CopyPlace place(Member member) {
    return new CopyPlace(member.component(), member.boot(), member.endpoint());
  }

  /** What the steward wants done; collected while it handles an event. */
  private final class Effects implements StewardEffects {
    private final Map<CopyPlace, Map<RegionId, RegionConfig>> installs = new LinkedHashMap<>();
    private final Map<ProcessId, Map<RegionId, RegionConfig>> tells = new LinkedHashMap<>();
    private final Set<CopyPlace> releasing = new HashSet<>();
    private final Map<RegionId, Set<CopyPlace>> alreadyReleased = new HashMap<>();
    private final Map<RegionId, Long> alreadyThere = new LinkedHashMap<>();

    /** The steward need not ask for these, during this event. */
    void installed(List<RegionConfig> configs) {
      configs.forEach(config -> alreadyThere.put(config.region(), config.epoch()));
    }

    /** The steward need not release these copies, during this event. */
    void released(List<RegionConfig> configs) {
      for (RegionConfig config : configs) {
        Set<CopyPlace> places = new HashSet<>(config.members());
        places.add(config.home());
        alreadyReleased.put(config.region(), places);
      }
    }

    private boolean isThere(RegionConfig row) {
      Long epoch = alreadyThere.get(row.region());
      return epoch != null && epoch == row.epoch();
    }

    void endEvent() {
      alreadyThere.clear();
      alreadyReleased.clear();
    }

    void flush() {
      long term = steward.term();
      installs
          .entrySet()
          .removeIf(
              wanted ->
                  sendInstalls(term, wanted.getKey(), List.copyOf(wanted.getValue().values())));
      tells.forEach((process, rows) -> sendGrants(process, List.copyOf(rows.values())));
      tells.clear();
      for (CopyPlace place : releasing) {
        Thread.ofVirtual().start(() -> releases.attempt(place.component()));
      }
      releasing.clear();
      story.tellFailovers();
    }

    @Override
    public void store(long change, List<ConfigChange> changes) {
      changeQueue.add(change, changes);
    }

    @Override
    public void reload(List<RegionId> regions) {
      List<RegionId> asked = List.copyOf(regions);
      Thread.ofVirtual()
          .start(
              () -> {
                try {
                  List<RegionConfig> rows = store.reread(asked);
                  post(() -> steward.onReloaded(asked, rows));
                } catch (ControlFault e) {
                  LOG.debug("rows of {} regions are read later: {}", asked.size(), e.getMessage());
                }
              });
    }

    @Override
    public void reserve(CopyPlace place, RegionConfig row, long term) {
      Thread.ofVirtual().start(() -> sendReservation(place, row, term));
    }

    @Override
    public void install(CopyPlace place, RegionConfig row, long term) {
      if (!isThere(row)) {
        installs.computeIfAbsent(place, key -> new LinkedHashMap<>()).put(row.region(), row);
      }
    }

    @Override
    public void release(CopyPlace place, RegionId region, long epoch, long term) {
      if (!alreadyReleased.getOrDefault(region, Set.of()).contains(place)) {
        releases.add(place, new RegionRelease(region, epoch));
        releasing.add(place);
      }
    }

    @Override
    public void tell(RegionConfig row) {
      if (!isThere(row)) {
        tells.computeIfAbsent(row.process(), key -> new LinkedHashMap<>()).put(row.region(), row);
      }
    }

    @Override
    public void probe(CopyPlace place) {
      if (probing.add(place)) {
        Thread.ofVirtual().start(() -> sendProbe(place));
      }
    }

    @Override
    public void changed(ConfigChange change) {
      story.changed(change);
    }

    @Override
    public void settled(RegionConfig row) {
      story.settled(row);
    }

    @Override
    public void lost(RegionConfig row, String reason) {
      story.lost(row, reason);
    }

    @Override
    public void migrated(RegionId region, CopyPlace target, @Nullable String error) {
      story.migrated(region, target, error);
    }

    @Override
    public void resigned(String reason) {
      LOG.error("term {} is over: {}", steward.term(), reason);
    }
  }

  // ---- calls, each on a thread of its own ----

  /**
   * False when the component has as many calls as it may; then it is tried again when one ends, and
   * goes together with what is wanted by then.
   */
  private boolean sendInstalls(long term, CopyPlace place, List<RegionConfig> rows) {
    Semaphore permits = calls.computeIfAbsent(place, key -> new Semaphore(MAX_CALLS_TO_ONE));
    if (!permits.tryAcquire()) {
      return false;
    }
    Thread.ofVirtual()
        .start(
            () -> {
              Runnable answered;
              try {
                answered = install(term, place, rows);
              } finally {
                permits.release();
              }
              post(answered);
            });
    return true;
  }

  private Runnable install(long term, CopyPlace place, List<RegionConfig> rows) {
    List<InstallAnswer> answers = new ArrayList<>();
    try {
      for (int from = 0; from < rows.size(); from += MemoryCalls.MAX_REGIONS) {
        answers.addAll(
            installer.call(
                term,
                place,
                rows.subList(from, Math.min(from + MemoryCalls.MAX_REGIONS, rows.size()))));
      }
    } catch (ControlFault e) {
      LOG.debug("{}: {}", place, e.getMessage());
      suspect(place, "no answer to the manager");
    }
    return () -> {
      for (int i = 0; i < answers.size(); i++) {
        RegionConfig row = rows.get(i);
        steward.onInstallAnswer(row.region(), place, row.epoch(), answers.get(i));
      }
    };
  }

  private void suspect(CopyPlace place, String what) {
    membership
        .member(place.component())
        .filter(member -> place.hasBoot(member.boot()))
        .ifPresent(member -> onSuspected(member, what));
  }

  private void sendReservation(CopyPlace place, RegionConfig row, long term) {
    Optional<Member> host =
        membership.member(place.component()).filter(member -> place.hasBoot(member.boot()));
    if (host.isEmpty()) {
      post(() -> steward.onNotReserved(row.region(), place, "was restarted, or is gone"));
      return;
    }
    boolean made = ledger.tryReserve(host.get(), row.region(), row.reservedPages());
    if (made) {
      try {
        control.call(place.endpoint(), new ReserveRegion(place.boot(), term, row), CALL_LIMIT);
      } catch (ControlFault e) {
        if (e.code() != Code.FULL) {
          suspect(place, "no answer to the manager");
          return;
        }
        ledger.release(place.boot(), row.region());
        made = false;
      }
    }
    boolean answer = made;
    post(() -> steward.onReserved(row.region(), place, answer));
  }

  private void sendGrants(ProcessId process, List<RegionConfig> rows) {
    Thread.ofVirtual()
        .start(
            () -> {
              try {
                Optional<ProcessRow> running = store.process(process).filter(ProcessRow::isRunning);
                if (running.isPresent()) {
                  control.call(
                      running.get().place().endpoint(),
                      new UpdateGrants(
                          process,
                          running.get().incarnation(),
                          rows.stream().map(RegionConfig::grant).toList()),
                      CALL_LIMIT);
                  post(() -> rows.forEach(row -> steward.onTold(row.region(), row.epoch())));
                }
              } catch (ControlFault e) {
                LOG.debug("process {} is told its grants later: {}", process, e.getMessage());
              }
            });
  }

  private void sendProbe(CopyPlace place) {
    long startNs = System.nanoTime();
    boolean answered = true;
    try {
      control.call(
          place.endpoint(), new ProbeRegions(place.boot(), false), Duration.ofMillis(PROBE_MS));
    } catch (ControlFault e) {
      answered = false;
    }
    long tookMs = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startNs);
    boolean result = answered;
    post(
        () -> {
          probing.remove(place);
          if (result || tookMs <= PROBE_MS + OWN_DELAY_MS) {
            story.probed(place, result);
            steward.onProbed(place, result);
          }
        });
  }
}
