package org.splitrack.manager.internal.memory;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import org.splitrack.fabric.BootId;
import org.splitrack.fabric.ComponentId;
import org.splitrack.fabric.Endpoint;
import org.splitrack.fabric.PageGeometry;
import org.splitrack.fabric.ProcessId;

/**
 * Where new regions of a process go: to the mComponent with the most free pages, but among those
 * that have nearly as many to the one that holds the fewest of the process's regions, so that a
 * process is spread. Pure.
 */
public final class RegionPlacement {
  private RegionPlacement() {}

  /**
   * An mComponent on which something may be placed.
   *
   * @param regionsOfProcess regions of this process that it holds already
   */
  public record Room(
      ComponentId component, BootId boot, Endpoint endpoint, long freePages, int regionsOfProcess) {

    private Room holding(long pages) {
      return new Room(component, boot, endpoint, freePages - pages, regionsOfProcess + 1);
    }
  }

  /** A region that is wanted: its place in the address space and the pages to set aside. */
  public record Wanted(int index, int pages) {}

  /**
   * Where a region may go.
   *
   * @param candidates best first; those without room for it are left out, so it may be empty
   */
  public record Choice(Wanted wanted, List<Room> candidates) {}

  /** Chooses for all regions of one growth, each in the knowledge of those before it. */
  public static List<Choice> choose(ProcessId process, List<Room> rooms, List<Wanted> wanted) {
    List<Room> left = new ArrayList<>(rooms);
    List<Choice> choices = new ArrayList<>(wanted.size());
    for (Wanted region : wanted) {
      List<Room> candidates = order(process, left, region);
      choices.add(new Choice(region, candidates));
      if (!candidates.isEmpty()) {
        Room first = candidates.getFirst();
        left.set(left.indexOf(first), first.holding(region.pages()));
      }
    }
    return choices;
  }

  private static List<Room> order(ProcessId process, List<Room> rooms, Wanted wanted) {
    long mostFree = rooms.stream().mapToLong(Room::freePages).max().orElse(0);
    long nearlyAsFree = mostFree - Math.max(mostFree / 4, PageGeometry.REGION_PAGES);
    Comparator<Room> nearlyFreestFirst =
        Comparator.comparing(room -> room.freePages() < nearlyAsFree);
    Comparator<Room> leastOfProcessFirst =
        Comparator.comparingInt(
            room -> room.freePages() < nearlyAsFree ? 0 : room.regionsOfProcess());
    Comparator<Room> inTurn =
        Comparator.comparingInt(room -> turn(process, room.component(), wanted, rooms.size()));
    return rooms.stream()
        .filter(room -> room.freePages() >= wanted.pages())
        .sorted(
            nearlyFreestFirst
                .thenComparing(leastOfProcessFirst)
                .thenComparing(RegionPlacement::byCoarseFree)
                .thenComparing(inTurn)
                .thenComparing(Room::component))
        .toList();
  }

  /** In whole regions: a few pages more are no reason to prefer one. */
  private static int byCoarseFree(Room a, Room b) {
    return Long.compare(
        b.freePages() >> PageGeometry.REGION_PAGES_SHIFT,
        a.freePages() >> PageGeometry.REGION_PAGES_SHIFT);
  }

  /** Another one first for each process and index, so that small programs spread as well. */
  private static int turn(ProcessId process, ComponentId component, Wanted wanted, int count) {
    return (int)
        Math.floorMod(component.ordinal() + process.value() + wanted.index(), (long) count);
  }
}
