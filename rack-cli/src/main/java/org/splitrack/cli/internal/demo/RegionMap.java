package org.splitrack.cli.internal.demo;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/**
 * Where the regions of a process lie, as a drawing for a terminal.
 *
 * @param regions in any order
 */
public record RegionMap(List<Region> regions) {
  /** Lines are no wider than this many regions. */
  private static final int WIDEST = 24;

  /**
   * One region.
   *
   * @param index its place in the address space
   * @param pages reserved in it
   */
  public record Region(int index, String home, int pages) {}

  /** A line for each of these components, those without a region too. */
  public List<String> draw(List<String> components) {
    TreeMap<String, List<Region>> byHome = new TreeMap<>();
    components.forEach(component -> byHome.put(component, new ArrayList<>()));
    regions.forEach(
        region -> byHome.computeIfAbsent(region.home(), _ -> new ArrayList<>()).add(region));
    List<String> lines = new ArrayList<>();
    byHome.forEach(
        (home, held) -> {
          long bytes = held.stream().mapToLong(region -> region.pages() * 4096L).sum();
          String blocks =
              held.stream()
                  .sorted(java.util.Comparator.comparingInt(Region::index))
                  .limit(WIDEST)
                  .map(region -> "[%2d]".formatted(region.index()))
                  .collect(java.util.stream.Collectors.joining());
          String more = held.size() > WIDEST ? " and %d more".formatted(held.size() - WIDEST) : "";
          lines.add(
              "%-14s %5d MiB  %s%s".formatted(home, bytes >> 20, blocks, more).stripTrailing());
        });
    return lines;
  }
}
