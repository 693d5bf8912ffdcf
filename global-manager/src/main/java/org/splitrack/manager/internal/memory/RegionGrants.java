package org.splitrack.manager.internal.memory;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.splitrack.fabric.ComponentId;
import org.splitrack.fabric.PageGeometry;
import org.splitrack.fabric.ProcessId;
import org.splitrack.fabric.RegionId;
import org.splitrack.fabric.Role;
import org.splitrack.fabric.control.ControlFault;
import org.splitrack.fabric.control.ControlFault.Code;
import org.splitrack.fabric.control.MemoryCalls.GrowMemory;
import org.splitrack.fabric.control.MemoryCalls.Grown;
import org.splitrack.fabric.memory.RegionGrant;
import org.splitrack.fabric.memory.RegionTable;
import org.splitrack.manager.internal.authority.ConfigStore;
import org.splitrack.manager.internal.authority.NumberSupply;
import org.splitrack.manager.internal.authority.ProcessRow;
import org.splitrack.manager.internal.authority.RegionConfig;
import org.splitrack.manager.internal.membership.Member;
import org.splitrack.manager.internal.membership.Membership;
import org.splitrack.manager.internal.memory.RegionInstaller.Order;
import org.splitrack.manager.internal.memory.RegionInstaller.Outcome;
import org.splitrack.manager.internal.memory.RegionPlacement.Choice;
import org.splitrack.manager.internal.memory.RegionPlacement.Room;
import org.splitrack.manager.internal.memory.RegionPlacement.Wanted;
import org.splitrack.manager.internal.report.EventLinks;
import org.splitrack.manager.internal.report.RackReports;

/**
 * Grants memory to processes: all of a growth or none of it. Growths of one process, and its end,
 * go one after the other. Safe from any thread.
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
  private final RackReports reports;
  private final EventLinks links;
  private final ReentrantLock[] locks =
      Stream.generate(ReentrantLock::new).limit(LOCKS).toArray(ReentrantLock[]::new);

  public RegionGrants(
      ConfigStore store,
      Membership membership,
      MemoryLedger ledger,
      RegionInstaller installer,
      RegionReleases releases,
      NumberSupply regionNumbers,
      RackReports reports,
      EventLinks links) {
    this.store = store;
    this.membership = membership;
    this.ledger = ledger;
    this.installer = installer;
    this.releases = releases;
    this.regionNumbers = regionNumbers;
    this.reports = reports;
    this.links = links;
  }

  /**
   * Reserves a range of a process's pages. Repeating it changes nothing.
   *
   * <p>A region that is reserved in part grows where it is: when its home is full the growth is
   * refused, even if others have room. When a growth is refused after such a region has grown, that
   * reservation stays; it is used when the process asks again.
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
      ProcessRow row = requireRunning(growth, caller);
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

  private List<RegionGrant> growLocked(ProcessRow row, GrowMemory growth) {
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
        present.put(index, extend(row, config, pages));
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

  private RegionConfig extend(ProcessRow row, RegionConfig config, int pages) {
    Member home =
        membership
            .member(config.home())
            .filter(member -> config.isAt(member.component(), member.boot()))
            .orElseThrow(
                () ->
                    new ControlFault(
                        Code.UNAVAILABLE,
                        "region " + config.region() + " was lost with " + config.home()));
    int more = pages - config.reservedPages();
    if (!ledger.tryReserve(home, more)) {
      throw new ControlFault(
          Code.FULL, home.component() + ", home of region " + config.region() + ", is full");
    }
    try {
      installer.install(row, home.endpoint(), config.region(), config.index(), pages);
    } catch (ControlFault e) {
      ledger.release(home.boot(), more);
      throw e;
    }
    RegionConfig extended = config.reserving(pages);
    requireStored(store.replaceRegion(config, extended), extended);
    reports.region(extended, false);
    return extended;
  }

  private List<RegionConfig> place(
      ProcessRow row, List<Wanted> fresh, Map<Integer, RegionConfig> present) {
    Map<ComponentId, Long> held =
        present.values().stream()
            .collect(Collectors.groupingBy(RegionConfig::home, Collectors.counting()));
    List<Long> numbers = regionNumbers.take(fresh.size(), NumberSupply.PATIENCE);
    List<Choice> choices =
        ledger.reserve(
            membership.up(Role.MCOMPONENT),
            host -> held.getOrDefault(host.component(), 0L).intValue(),
            rooms -> RegionPlacement.choose(row.process(), rooms, fresh));
    List<Order> orders = new ArrayList<>(choices.size());
    for (int i = 0; i < choices.size(); i++) {
      orders.add(new Order(new RegionId(numbers.get(i)), choices.get(i)));
    }
    List<RegionConfig> installed = new ArrayList<>(orders.size());
    Optional<ControlFault> fault = Optional.empty();
    for (Outcome outcome : installer.installAll(row, orders)) {
      switch (outcome) {
        case Outcome.Placed(Order order, Room room) ->
            installed.add(
                new RegionConfig(
                    order.region(),
                    row.process(),
                    order.choice().wanted().index(),
                    1,
                    store.term(),
                    room.component(),
                    room.boot(),
                    room.endpoint(),
                    order.choice().wanted().pages()));
        case Outcome.Refused(ControlFault refusal) -> fault = Optional.of(refusal);
      }
    }
    if (fault.isPresent()) {
      undo(installed);
      throw fault.get();
    }
    installed.forEach(config -> store(row, config));
    return installed;
  }

  private void undo(List<RegionConfig> installed) {
    for (RegionConfig config : installed) {
      releases.add(config.home(), config.homeBoot(), config.region(), config.reservedPages());
    }
    installed.stream().map(RegionConfig::home).distinct().forEach(releases::attempt);
  }

  private void store(ProcessRow row, RegionConfig config) {
    requireStored(store.replaceRegion(null, config), config);
    reports.region(config, false);
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
            + config.home()
            + " with "
            + config.reservedPages()
            + " pages.",
        Map.of("home", config.home().toString(), "pages", config.reservedPages()));
  }

  /**
   * Hands all regions of an ended process to the releases; no growth of it comes after this.
   *
   * @return the mComponents that hold them
   */
  public List<ComponentId> giveUp(ProcessId process) {
    ReentrantLock lock = lock(process);
    lock.lock();
    try {
      List<RegionConfig> regions = store.regionsOf(process);
      regions.forEach(releases::add);
      return regions.stream().map(RegionConfig::home).distinct().toList();
    } finally {
      lock.unlock();
    }
  }

  private ProcessRow requireRunning(GrowMemory growth, ComponentId caller) {
    return store
        .process(growth.process())
        .filter(row -> row.isRunning() && row.incarnation() == growth.incarnation())
        .filter(row -> row.component().equals(caller))
        .orElseThrow(
            () ->
                new ControlFault(
                    Code.DENIED,
                    "process "
                        + growth.process()
                        + " incarnation "
                        + growth.incarnation()
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

  private static void requireStored(boolean stored, RegionConfig config) {
    if (!stored) {
      throw new IllegalStateException("region " + config.region() + " was changed by another");
    }
  }

  private ReentrantLock lock(ProcessId process) {
    return locks[(int) (process.value() % LOCKS)];
  }
}
