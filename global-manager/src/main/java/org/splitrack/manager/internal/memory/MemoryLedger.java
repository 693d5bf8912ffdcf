package org.splitrack.manager.internal.memory;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.splitrack.fabric.BootId;
import org.splitrack.fabric.PageGeometry;
import org.splitrack.fabric.RegionId;
import org.splitrack.fabric.region.CopyPlace;
import org.splitrack.manager.internal.membership.Member;
import org.splitrack.manager.internal.memory.RegionPlacement.Choice;
import org.splitrack.manager.internal.memory.RegionPlacement.Room;

/**
 * Pages set aside for copies of regions on each start of each mComponent, as far as this manager
 * gave them out: what is being installed counts already, what is being released counts until that
 * is done. A reported figure would be half a second old and let two growths take the same room.
 * Safe from any thread.
 */
public final class MemoryLedger {
  private final Map<BootId, Map<RegionId, Integer>> pagesByBoot = new HashMap<>();
  private final Map<BootId, Long> sums = new HashMap<>();

  /**
   * Chooses places by the free pages of this moment and sets aside what was chosen.
   *
   * @param copiesOfProcess copies of regions of the process that a host has
   * @param placement chooses for regions in the order of {@code numbers}; empty = no room
   */
  public synchronized Optional<List<Choice>> reserve(
      List<Member> hosts,
      Function<Member, Integer> copiesOfProcess,
      List<RegionId> numbers,
      Function<List<Room>, Optional<List<Choice>>> placement) {
    Optional<List<Choice>> choices = placement.apply(rooms(hosts, copiesOfProcess));
    if (choices.isPresent()) {
      for (int i = 0; i < numbers.size(); i++) {
        Choice choice = choices.get().get(i);
        set(choice.home().boot(), numbers.get(i), choice.wanted().pages());
        for (CopyPlace second : choice.secondaries()) {
          set(second.boot(), numbers.get(i), choice.wanted().pages());
        }
      }
    }
    return choices;
  }

  /** The hosts with what they have free at this moment. */
  public synchronized List<Room> rooms(
      List<Member> hosts, Function<Member, Integer> copiesOfProcess) {
    List<Room> rooms = new ArrayList<>(hosts.size());
    for (Member host : hosts) {
      rooms.add(
          new Room(
              new CopyPlace(host.component(), host.boot(), host.endpoint()),
              host.node(),
              freePages(host),
              copiesOfProcess.apply(host)));
    }
    return rooms;
  }

  /** Sets pages aside for a copy, in all, if there seems to be room for them. */
  public synchronized boolean tryReserve(Member host, RegionId region, int pages) {
    if (freePages(host) < pages - pages(host.boot(), region)) {
      return false;
    }
    set(host.boot(), region, Math.max(pages, pages(host.boot(), region)));
    return true;
  }

  /** Counts a copy that is there. */
  public synchronized void set(BootId boot, RegionId region, int pages) {
    Map<RegionId, Integer> copies = pagesByBoot.computeIfAbsent(boot, key -> new HashMap<>());
    Integer before = copies.put(region, pages);
    sums.merge(boot, (long) pages - (before == null ? 0 : before), Long::sum);
  }

  /** What was set aside for a copy on that start of an mComponent is free again. */
  public synchronized void release(BootId boot, RegionId region) {
    Map<RegionId, Integer> copies = pagesByBoot.get(boot);
    Integer pages = copies == null ? null : copies.remove(region);
    if (pages != null) {
      sums.merge(boot, -(long) pages, Long::sum);
    }
  }

  /** That start of an mComponent is over. */
  public synchronized void forget(BootId boot) {
    pagesByBoot.remove(boot);
    sums.remove(boot);
  }

  /** Nothing is set aside anywhere. */
  public synchronized void clear() {
    pagesByBoot.clear();
    sums.clear();
  }

  public synchronized long reservedPages(BootId boot) {
    return sums.getOrDefault(boot, 0L);
  }

  public synchronized long freePages(Member host) {
    return (host.capacityBytes() >> PageGeometry.PAGE_SHIFT) - reservedPages(host.boot());
  }

  private int pages(BootId boot, RegionId region) {
    return pagesByBoot.getOrDefault(boot, Map.of()).getOrDefault(region, 0);
  }
}
