package org.splitrack.manager.internal.memory;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.splitrack.fabric.ComponentId;
import org.splitrack.fabric.PageGeometry;
import org.splitrack.fabric.ProcessId;
import org.splitrack.fabric.RegionId;
import org.splitrack.fabric.Role;
import org.splitrack.fabric.control.ControlFault;
import org.splitrack.fabric.control.ControlFault.Code;
import org.splitrack.fabric.control.MemoryCalls.GrowMemory;
import org.splitrack.fabric.control.MemoryCalls.Grown;
import org.splitrack.fabric.control.MemoryCalls.RegionRelease;
import org.splitrack.fabric.control.MemoryCalls.ResolveRegions;
import org.splitrack.fabric.memory.RegionTable;
import org.splitrack.fabric.region.AccessGrant;
import org.splitrack.fabric.region.AckMode;
import org.splitrack.fabric.region.ConfigChange;
import org.splitrack.fabric.region.CopyPlace;
import org.splitrack.fabric.region.RegionConfig;
import org.splitrack.manager.internal.authority.ConfigStore;
import org.splitrack.manager.internal.authority.NumberSupply;
import org.splitrack.manager.internal.authority.ProcessRow;
import org.splitrack.manager.internal.membership.Member;
import org.splitrack.manager.internal.membership.Membership;
import org.splitrack.manager.internal.memory.RegionInstaller.Outcome;
import org.splitrack.manager.internal.memory.RegionPlacement.Choice;
import org.splitrack.manager.internal.memory.RegionPlacement.Wanted;
import org.splitrack.manager.internal.report.EventLinks;
import org.splitrack.manager.internal.report.RackReports;

/**
 * Grants memory to processes: all of a growth or none of it, on as many components as the process's
 * acknowledgements need. Growths of one process, and its end, go one after the other. Safe from any
 * thread.
 */
public final class RegionGrants {
  private static final int LOCKS = 64;
  private static final int MAX_PAGES = RegionTable.MAX_REGIONS * PageGeometry.REGION_PAGES;

  private final ConfigStore store;
  private final Membership membership;
  private final MemoryLedger ledger;
  private final RegionInstaller installer;
  private final RegionReleases releases;
  private final NumberSupply regionNumbers;
  private final RegionWatch watch;
  private final RackReports reports;
  private final EventLinks links;
  private final ReentrantLock[] locks =
      Stream.generate(ReentrantLock::new).limit(LOCKS).toArray(ReentrantLock[]::new);

  private final Map<ProcessId, Unsettled> unsettled = new ConcurrentHashMap<>();

  /** Regions on their way into the authority. */
  private final Set<RegionId> beginning = ConcurrentHashMap.newKeySet();

  /**
   * Installed, but whether the authority has their rows is not known: it did not answer.
   *
   * @param term under which they were to be stored
   */
  private record Unsettled(long term, List<RegionConfig> configs) {}

  public RegionGrants(
      ConfigStore store,
      Membership membership,
      MemoryLedger ledger,
      RegionInstaller installer,
      RegionReleases releases,
      NumberSupply regionNumbers,
      RegionWatch watch,
      RackReports reports,
      EventLinks links) {
    this.store = store;
    this.membership = membership;
    this.ledger = ledger;
    this.installer = installer;
    this.releases = releases;
    this.regionNumbers = regionNumbers;
    this.watch = watch;
    this.reports = reports;
    this.links = links;
  }

  /**
   * Reserves a range of a process's pages. Repeating it changes nothing.
   *
   * <p>A region that is reserved in part grows where it is; when one of its holders is full, that
   * copy moves to a component with room first. When a growth is refused after such a region has
   * grown, that reservation stays; it is used when the process asks again.
   *
   * @param caller the pComponent that asks
   * @throws ControlFault FULL when there is no room for all of it, DENIED when the caller does not
   *     run that incarnation of the process, UNAVAILABLE when an mComponent or PostgreSQL does not
   *     answer
   */
  public Grown grow(GrowMemory growth, ComponentId caller) {
    requireRange(growth);
    ReentrantLock lock = lock(growth.process());
    lock.lock();
    try {
      ProcessRow row = requireRunning(growth.process(), growth.incarnation(), caller);
      settle(row);
      return new Grown(growLocked(row, growth));
    } catch (ControlFault e) {
      if (e.code() == Code.FULL) {
        tellRefusal(growth, e);
      }
      throw e;
    } finally {
      lock.unlock();
    }
  }

  /**
   * The grants as they are decided now.
   *
   * @throws ControlFault DENIED when the caller does not run that incarnation of the process
   */
  public Grown resolve(ResolveRegions request, ComponentId caller) {
    ProcessRow row = requireRunning(request.process(), request.incarnation(), caller);
    return new Grown(
        request.regions().stream()
            .map(store::region)
            .flatMap(Optional::stream)
            .filter(config -> config.process().equals(row.process()))
            .map(RegionConfig::grant)
            .toList());
  }

  private List<AccessGrant> growLocked(ProcessRow row, GrowMemory growth) {
    Map<Integer, RegionConfig> present = new TreeMap<>();
    store.regionsOf(row.process()).forEach(config -> present.put(config.index(), config));
    List<Wanted> fresh = new ArrayList<>();
    int first = PageGeometry.regionIndex(growth.fromPage());
    int endExclusive = PageGeometry.regionIndex(growth.toPageExclusive() - 1) + 1;
    for (int index = first; index < endExclusive; index++) {
      int pages =
          Math.min(
              PageGeometry.REGION_PAGES,
              growth.toPageExclusive() - index * PageGeometry.REGION_PAGES);
      RegionConfig config = present.get(index);
      if (config == null) {
        fresh.add(new Wanted(index, pages));
      } else if (config.reservedPages() < pages) {
        present.put(index, extend(config, pages));
      }
    }
    if (!fresh.isEmpty()) {
      for (RegionConfig config : place(row, fresh, present)) {
        present.put(config.index(), config);
      }
    }
    return present.values().stream()
        .filter(config -> config.index() >= first && config.index() < endExclusive)
        .map(RegionConfig::grant)
        .toList();
  }

  /**
   * A copy whose component is full goes elsewhere first, then the region grows on all of them: a
   * row never promises what a copy has not set aside.
   */
  private RegionConfig extend(RegionConfig config, int pages) {
    RegionConfig row = config;
    CopyPlace full = reserve(row, pages);
    for (int moves = row.members().size() + 1; full != null && moves > 0; moves--) {
      watch.relieve(row.region(), full, pages);
      row =
          store
              .region(row.region())
              .orElseThrow(() -> new ControlFault(Code.DENIED, "the process has ended"));
      full = reserve(row, pages);
    }
    if (full != null) {
      throw new ControlFault(
          Code.FULL,
          full.component()
              + ", which holds region "
              + row.region()
              + ", is full, and no other mComponent has room for the region");
    }
    return extendReserved(row, pages);
  }

  /**
   * Sets pages aside on all holders of a region, in all.
   *
   * @return the first that has no room; null when all have
   */
  private @Nullable CopyPlace reserve(RegionConfig config, int pages) {
    if (config.state() == RegionConfig.State.LOST) {
      throw new ControlFault(Code.UNAVAILABLE, "region " + config.region() + " is lost");
    }
    List<CopyPlace> places = new ArrayList<>(config.members());
    places.add(config.home());
    for (CopyPlace place : places) {
      Member host =
          membership
              .member(place.component())
              .filter(member -> place.hasBoot(member.boot()))
              .orElseThrow(
                  () ->
                      new ControlFault(
                          Code.UNAVAILABLE,
                          "a copy of region " + config.region() + " went with " + place));
      if (!ledger.tryReserve(host, config.region(), pages)) {
        return place;
      }
    }
    return null;
  }

  private RegionConfig extendReserved(RegionConfig config, int pages) {
    RegionConfig extended = config.reserving(pages);
    Outcome outcome = installer.installAll(store.term(), List.of(extended));
    if (!outcome.isInstalled(extended)) {
      throw outcome.faults(extended).values().iterator().next();
    }
    if (!store.change(List.of(new ConfigChange(config, extended, "more pages")))) {
      throw new ControlFault(
          Code.UNAVAILABLE, "region " + config.region() + " is changing hands; try again");
    }
    watch.onGranted(List.of(extended));
    reports.region(extended, false);
    return extended;
  }

  private List<RegionConfig> place(
      ProcessRow row, List<Wanted> wanted, Map<Integer, RegionConfig> present) {
    Set<ComponentId> excluded = new HashSet<>();
    List<RegionConfig> installed = new ArrayList<>();
    List<Wanted> missing = wanted;
    try {
      while (!missing.isEmpty()) {
        missing = placeOnce(row, missing, present, excluded, installed);
      }
    } catch (ControlFault e) {
      undo(installed);
      throw e;
    }
    store(row, installed);
    return installed;
  }

  /**
   * One attempt for all that is missing; what could not be installed is returned, and who did not
   * take it is excluded. Each attempt has numbers of its own: a first configuration is never
   * decided twice.
   */
  private List<Wanted> placeOnce(
      ProcessRow row,
      List<Wanted> missing,
      Map<Integer, RegionConfig> present,
      Set<ComponentId> excluded,
      List<RegionConfig> installed) {
    List<RegionConfig> configs = choose(row, missing, present, excluded);
    configs.forEach(config -> beginning.add(config.region()));
    Outcome outcome = installer.installAll(store.term(), configs);
    List<Wanted> again = new ArrayList<>();
    for (RegionConfig config : configs) {
      if (outcome.isInstalled(config)) {
        installed.add(config);
      } else {
        again.add(new Wanted(config.index(), config.reservedPages()));
        outcome.faults(config).keySet().forEach(place -> excluded.add(place.component()));
        giveBack(config, outcome);
      }
    }
    return again;
  }

  private List<RegionConfig> choose(
      ProcessRow row,
      List<Wanted> missing,
      Map<Integer, RegionConfig> present,
      Set<ComponentId> excluded) {
    AckMode ack = AckMode.valueOf(row.spec().ack().toUpperCase(Locale.ROOT));
    int copies = ack.copiesWanted();
    List<RegionId> numbers =
        regionNumbers.take(missing.size(), NumberSupply.PATIENCE).stream()
            .map(RegionId::new)
            .toList();
    List<Member> hosts =
        membership.up(Role.MCOMPONENT).stream()
            .filter(host -> !excluded.contains(host.component()))
            .toList();
    List<Choice> choices =
        ledger
            .reserve(
                hosts,
                host -> copiesOn(host, present),
                numbers,
                rooms -> RegionPlacement.choose(row.process(), rooms, missing, copies))
            .orElseThrow(() -> noRoom(copies));
    List<RegionConfig> configs = new ArrayList<>(choices.size());
    for (int i = 0; i < choices.size(); i++) {
      Choice choice = choices.get(i);
      configs.add(
          RegionConfig.first(
              numbers.get(i),
              row.process(),
              row.incarnation(),
              choice.wanted().index(),
              store.term(),
              choice.home(),
              choice.secondaries(),
              choice.wanted().pages(),
              ack,
              row.spec().strict()));
    }
    return configs;
  }

  private ControlFault noRoom(int copies) {
    String what =
        copies == 1
            ? "no mComponent has room for it"
            : "no two mComponents have room for its two copies";
    return membership.isSettled()
        ? new ControlFault(Code.FULL, what)
        : new ControlFault(
            Code.UNAVAILABLE,
            what + ", as far as this manager, which has just begun to lead, knows");
  }

  private static int copiesOn(Member host, Map<Integer, RegionConfig> present) {
    int copies = 0;
    for (RegionConfig config : present.values()) {
      boolean holds =
          config.home().component().equals(host.component())
              || config.secondaries().stream()
                  .anyMatch(place -> place.component().equals(host.component()));
      copies += holds ? 1 : 0;
    }
    return copies;
  }

  /** Whoever was full has nothing; all others may have it. */
  private void giveBack(RegionConfig config, Outcome outcome) {
    List<CopyPlace> places = new ArrayList<>(config.members());
    places.add(config.home());
    for (CopyPlace place : places) {
      ControlFault fault = outcome.faults(config).get(place);
      if (fault != null && fault.code() == Code.FULL) {
        ledger.release(place.boot(), config.region());
      } else {
        releases.add(place, new RegionRelease(config.region(), config.epoch()));
      }
    }
    beginning.remove(config.region());
  }

  private void undo(List<RegionConfig> installed) {
    installed.forEach(releases::add);
    leave(installed);
    releases.holders().forEach(releases::attempt);
  }

  private void leave(List<RegionConfig> configs) {
    configs.forEach(config -> beginning.remove(config.region()));
  }

  /**
   * Stores the rows of what was installed. Only rows that are known not to be there have their
   * copies taken back: without an answer they may be, and whoever leads next goes by them.
   */
  private void store(ProcessRow row, List<RegionConfig> installed) {
    long term = store.term();
    boolean stored;
    try {
      stored = store.addRegions(installed, "granted");
    } catch (ControlFault e) {
      unsettled.put(row.process(), new Unsettled(term, List.copyOf(installed)));
      throw e;
    }
    if (!stored) {
      undo(installed);
      throw new ControlFault(
          Code.UNAVAILABLE, "process " + row.process() + " was changed by another manager");
    }
    granted(row, installed);
  }

  private void granted(ProcessRow row, List<RegionConfig> configs) {
    watch.onGranted(configs);
    leave(configs);
    for (RegionConfig config : configs) {
      reports.region(config, false);
      tellGrant(row, config);
    }
  }

  /**
   * Finds out what became of rows that were sent and not answered; only then there can be more. A
   * manager that has led anew since has read those that are there, and finds copies without a row
   * by asking who holds what.
   */
  private void settle(ProcessRow row) {
    Unsettled uncertain = unsettled.get(row.process());
    if (uncertain == null) {
      return;
    }
    if (uncertain.term() != store.term()) {
      unsettled.remove(row.process());
      leave(uncertain.configs());
      return;
    }
    boolean there = store.addRegions(uncertain.configs(), "granted");
    unsettled.remove(row.process());
    if (there) {
      granted(row, uncertain.configs());
    } else {
      undo(uncertain.configs());
    }
  }

  private void tellGrant(ProcessRow row, RegionConfig config) {
    String second =
        config.secondaries().isEmpty() ? "" : " and " + config.secondaries().getFirst().component();
    reports.event(
        "region_granted",
        row.process(),
        config.region(),
        links.ofProcess(row.process()),
        "Region "
            + config.region()
            + " (index "
            + config.index()
            + " of process "
            + row.process()
            + ") is granted on "
            + config.home().component()
            + second
            + " with "
            + config.reservedPages()
            + " pages.",
        Map.of("home", config.home().component().toString(), "pages", config.reservedPages()));
  }

  /**
   * Ends an incarnation of a process in the authority and hands all its regions to the releases; no
   * growth of it comes after this.
   *
   * @param next ended, or the next incarnation
   * @return the mComponents that hold regions; empty when the row was another
   */
  public Optional<List<ComponentId>> expel(ProcessRow expected, ProcessRow next) {
    ReentrantLock lock = lock(next.process());
    lock.lock();
    try {
      Optional<List<RegionConfig>> gone = store.expel(expected, next);
      if (gone.isEmpty()) {
        return Optional.empty();
      }
      Unsettled uncertain = unsettled.remove(next.process());
      if (uncertain != null) {
        uncertain.configs().forEach(releases::add);
        leave(uncertain.configs());
      }
      watch.onEnded(gone.get());
      for (RegionConfig config : gone.get()) {
        releases.add(config);
        reports.region(config, true);
      }
      return Optional.of(releases.holders());
    } finally {
      lock.unlock();
    }
  }

  /** Whether a region is being granted at this moment, so that it may be held without a row. */
  public boolean isBeginning(RegionId region) {
    return beginning.contains(region);
  }

  private ProcessRow requireRunning(ProcessId process, int incarnation, ComponentId caller) {
    return store
        .process(process)
        .filter(row -> row.isRunning() && row.incarnation() == incarnation)
        .filter(row -> row.component().equals(caller))
        .orElseThrow(
            () ->
                new ControlFault(
                    Code.DENIED,
                    "process "
                        + process
                        + " incarnation "
                        + incarnation
                        + " does not run on "
                        + caller));
  }

  private static void requireRange(GrowMemory growth) {
    if (growth.fromPage() < 0
        || growth.fromPage() >= growth.toPageExclusive()
        || growth.toPageExclusive() > MAX_PAGES) {
      throw new ControlFault(
          Code.BAD_REQUEST,
          "pages "
              + growth.fromPage()
              + " to "
              + growth.toPageExclusive()
              + " are no range below "
              + MAX_PAGES);
    }
  }

  private void tellRefusal(GrowMemory growth, ControlFault fault) {
    reports.event(
        "memory_refused",
        growth.process(),
        null,
        links.ofProcess(growth.process()),
        "Process "
            + growth.process()
            + " asked for memory up to page "
            + growth.toPageExclusive()
            + " and was refused: "
            + fault.getMessage()
            + ".",
        Map.of("from_page", growth.fromPage(), "to_page_exclusive", growth.toPageExclusive()));
  }

  private ReentrantLock lock(ProcessId process) {
    return locks[(int) (process.value() % LOCKS)];
  }
}
