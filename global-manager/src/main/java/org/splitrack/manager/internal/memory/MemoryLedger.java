package org.splitrack.manager.internal.memory;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.splitrack.fabric.BootId;
import org.splitrack.fabric.PageGeometry;
import org.splitrack.fabric.control.ControlFault;
import org.splitrack.manager.internal.membership.Member;
import org.splitrack.manager.internal.memory.RegionPlacement.Choice;
import org.splitrack.manager.internal.memory.RegionPlacement.Room;

/**
 * Pages set aside on each start of each mComponent, as far as this manager gave them out: what is
 * being installed counts already, what is being released counts until that is done. A reported
 * figure would be half a second old and let two growths take the same room. Safe from any thread.
 */
public final class MemoryLedger {
  private final Map<BootId, Long> reservedPages = new HashMap<>();

  /**
   * Chooses places by the free pages of this moment and sets the first choice of each region aside.
   *
   * @throws ControlFault FULL when a region has no candidate; then nothing is set aside
   */
  public synchronized List<Choice> reserve(
      List<Member> hosts,
      Function<Member, Integer> regionsOfProcess,
      Function<List<Room>, List<Choice>> placement) {
    List<Room> rooms = new ArrayList<>(hosts.size());
    for (Member host : hosts) {
      rooms.add(
          new Room(
              host.component(),
              host.boot(),
              host.endpoint(),
              freePages(host),
              regionsOfProcess.apply(host)));
    }
    List<Choice> choices = placement.apply(rooms);
    for (Choice choice : choices) {
      if (choice.candidates().isEmpty()) {
        throw new ControlFault(ControlFault.Code.FULL, "no mComponent has room for it");
      }
    }
    for (Choice choice : choices) {
      add(choice.candidates().getFirst().boot(), choice.wanted().pages());
    }
    return choices;
  }

  /** Sets pages aside if there seems to be room for them. */
  public synchronized boolean tryReserve(Member host, int pages) {
    if (freePages(host) < pages) {
      return false;
    }
    add(host.boot(), pages);
    return true;
  }

  /** What was set aside on that start of an mComponent is free again. */
  public synchronized void release(BootId boot, int pages) {
    reservedPages.computeIfPresent(
        boot, (key, reserved) -> reserved <= pages ? null : Long.valueOf(reserved - pages));
  }

  /** That start of an mComponent is over. */
  public synchronized void forget(BootId boot) {
    reservedPages.remove(boot);
  }

  public synchronized long reservedPages(BootId boot) {
    return reservedPages.getOrDefault(boot, 0L);
  }

  private long freePages(Member host) {
    return (host.capacityBytes() >> PageGeometry.PAGE_SHIFT) - reservedPages(host.boot());
  }

  private void add(BootId boot, long pages) {
    reservedPages.merge(boot, pages, Long::sum);
  }
}
