package org.splitrack.manager.internal.memory;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.splitrack.fabric.ComponentId;
import org.splitrack.fabric.PageGeometry;
import org.splitrack.fabric.ProcessId;
import org.splitrack.fabric.region.CopyPlace;

/**
 * Where copies of regions go: to the mComponent with the most free pages, but among those that have
 * nearly as many to the one that holds the fewest copies of the process, so that a process is
 * spread. A second copy goes to another component, and to another node where there is one. Pure.
 */
public final class RegionPlacement {
  private RegionPlacement() {}

  /**
   * An mComponent on which something may be placed.
   *
   * @param copiesOfProcess copies of regions of this process that it holds already
   */
  public record Room(CopyPlace place, String node, long freePages, int copiesOfProcess) {

    private Room holding(long pages) {
      return new Room(place, node, freePages - pages, copiesOfProcess + 1);
    }

    ComponentId component() {
      return place.component();
    }
  }

  /** A region that is wanted: its place in the address space and the pages to set aside. */
  public record Wanted(int index, int pages) {}

  /**
   * Where a region goes.
   *
   * @param second null when one copy is enough
   */
  public record Choice(Wanted wanted, CopyPlace home, @Nullable CopyPlace second) {
    public List<CopyPlace> secondaries() {
      return second == null ? List.of() : List.of(second);
    }
  }

  /**
   * Chooses for all regions of one growth, each in the knowledge of those before it.
   *
   * @param copies 1 or 2
   * @return empty when there is no room for one of them
   */
  public static Optional<List<Choice>> choose(
      ProcessId process, List<Room> rooms, List<Wanted> wanted, int copies) {
    List<Room> left = new ArrayList<>(rooms);
    List<Choice> choices = new ArrayList<>(wanted.size());
    for (Wanted region : wanted) {
      Optional<Room> home = best(process, left, region, null);
      if (home.isEmpty()) {
        return Optional.empty();
      }
      fill(left, home.get(), region);
      CopyPlace second = null;
      if (copies > 1) {
        Optional<Room> other = best(process, left, region, home.get());
        if (other.isEmpty()) {
          return Optional.empty();
        }
        fill(left, other.get(), region);
        second = other.get().place();
      }
      choices.add(new Choice(region, home.get().place(), second));
    }
    return Optional.of(choices);
  }

  /**
   * Where one more copy of a region goes, best first.
   *
   * @param holders rooms that hold a copy already
   */
  public static List<Room> another(
      ProcessId process, List<Room> rooms, List<Room> holders, Wanted region) {
    Comparator<Room> otherNodeFirst =
        Comparator.comparing(
            room -> holders.stream().anyMatch(holder -> holder.node().equals(room.node())));
    return rooms.stream()
        .filter(room -> room.freePages() >= region.pages())
        .filter(
            room ->
                holders.stream().noneMatch(holder -> holder.component().equals(room.component())))
        .sorted(otherNodeFirst.thenComparing(order(process, rooms, region)))
        .toList();
  }

  private static Optional<Room> best(
      ProcessId process, List<Room> rooms, Wanted wanted, @Nullable Room home) {
    return another(process, rooms, home == null ? List.of() : List.of(home), wanted).stream()
        .findFirst();
  }

  private static void fill(List<Room> rooms, Room chosen, Wanted wanted) {
    rooms.replaceAll(room -> room.equals(chosen) ? room.holding(wanted.pages()) : room);
  }

  private static Comparator<Room> order(ProcessId process, List<Room> rooms, Wanted wanted) {
    long mostFree = rooms.stream().mapToLong(Room::freePages).max().orElse(0);
    long nearlyAsFree = mostFree - Math.max(mostFree / 4, PageGeometry.REGION_PAGES);
    Comparator<Room> nearlyFreestFirst =
        Comparator.comparing(room -> room.freePages() < nearlyAsFree);
    Comparator<Room> leastOfProcessFirst =
        Comparator.comparingInt(
            room -> room.freePages() < nearlyAsFree ? 0 : room.copiesOfProcess());
    Comparator<Room> inTurn =
        Comparator.comparingInt(room -> turn(process, room.component(), wanted, rooms.size()));
    return nearlyFreestFirst
        .thenComparing(leastOfProcessFirst)
        .thenComparing(RegionPlacement::byCoarseFree)
        .thenComparing(inTurn)
        .thenComparing(Room::component);
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
