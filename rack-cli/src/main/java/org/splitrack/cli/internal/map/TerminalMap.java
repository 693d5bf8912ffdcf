package org.splitrack.cli.internal.map;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.splitrack.cli.internal.map.RackMap.Component;
import org.splitrack.cli.internal.map.RackMap.Region;

/** Draws a rack in text, at most some 110 columns wide. */
public final class TerminalMap {
  private static final int REGIONS_IN_A_LINE = 12;
  private static final int LINES = 4;
  private static final String INDENT = " ".repeat(26);

  private TerminalMap() {}

  /** Its lines. */
  public static List<String> draw(RackMap map) {
    List<String> lines = new ArrayList<>();
    for (Component component : map.ofKind("pcomponent")) {
      lines.add(head(component, programs(map, component)));
    }
    lines.add("");
    for (Component component : map.ofKind("mcomponent")) {
      lines.add(
          head(
              component,
              "%d of %d MiB"
                  .formatted(component.usedBytes() >> 20, component.capacityBytes() >> 20)));
      cells(map.homesAt(component.name()), region -> home(map, region), lines);
      cells(map.copiesAt(component.name()), region -> "(" + region.region() + ")", lines);
    }
    lines.add("");
    map.components().stream()
        .filter(c -> !c.kind().equals("pcomponent") && !c.kind().equals("mcomponent"))
        .forEach(component -> lines.add(head(component, "")));
    lines.add("");
    lines.add(
        "[7] region 7 has its home there   (7) a copy in sync   [7>] it moves   [7!] a copy is missing");
    map.moves()
        .forEach(
            move ->
                lines.add(
                    "region %d moves: %s → %s (migration %d, %s)"
                        .formatted(
                            move.region(),
                            move.source(),
                            move.target(),
                            move.migration(),
                            move.state())));
    lines.add(protection(map));
    return lines;
  }

  private static String head(Component component, String text) {
    return "%-16s %-9s%s".formatted(component.name(), component.state(), text).stripTrailing();
  }

  private static String programs(RackMap map, Component component) {
    return map.programsAt(component.name()).stream()
        .map(program -> "%d %s (%s)".formatted(program.process(), program.name(), program.ack()))
        .collect(Collectors.joining(", "));
  }

  private static String home(RackMap map, Region region) {
    String mark = map.moves(region) ? ">" : region.isUnprotected() ? "!" : "";
    return "[" + region.region() + mark + "]";
  }

  private static void cells(
      List<Region> regions, Function<Region, String> cell, List<String> lines) {
    int shown = Math.min(regions.size(), REGIONS_IN_A_LINE * LINES);
    for (int from = 0; from < shown; from += REGIONS_IN_A_LINE) {
      int to = Math.min(shown, from + REGIONS_IN_A_LINE);
      String line = regions.subList(from, to).stream().map(cell).collect(Collectors.joining(" "));
      int more = regions.size() - shown;
      lines.add(INDENT + line + (to == shown && more > 0 ? " and " + more + " more" : ""));
    }
  }

  private static String protection(RackMap map) {
    List<Region> unprotected = map.unprotected();
    if (unprotected.isEmpty()) {
      return "%d regions, each with the copies that it should have".formatted(map.regions().size());
    }
    return "%d of %d regions lack a copy".formatted(unprotected.size(), map.regions().size());
  }
}
