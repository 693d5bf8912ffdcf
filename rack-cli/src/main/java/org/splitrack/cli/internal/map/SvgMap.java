package org.splitrack.cli.internal.map;

import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.splitrack.cli.internal.map.RackMap.Component;
import org.splitrack.cli.internal.map.RackMap.Move;
import org.splitrack.cli.internal.map.RackMap.Program;
import org.splitrack.cli.internal.map.RackMap.Region;

/**
 * Draws a rack as an SVG picture: programs on the left, their regions on the right, each program in
 * a colour of its own; a filled cell is a home, an outlined one a copy, an arrow a move.
 */
public final class SvgMap {
  /** Told apart by most people, also those who see fewer colours (Okabe and Ito, darkened). */
  private static final List<String> COLOURS =
      List.of(
          "#0072b2", "#d55e00", "#009e73", "#cc79a7", "#8a6d00", "#56b4e9", "#7a4fb0", "#475569");

  private static final int WIDTH = 1080;
  private static final int LEFT_X = 30;
  private static final int LEFT_WIDTH = 270;
  private static final int RIGHT_X = 430;
  private static final int RIGHT_WIDTH = 560;
  private static final int TOP = 92;
  private static final int GAP = 18;
  private static final int HEAD = 40;
  private static final int CELL_WIDTH = 38;
  private static final int CELL_HEIGHT = 24;
  private static final int CELL_GAP = 5;
  private static final int CELLS_IN_A_ROW = (RIGHT_WIDTH - 96) / (CELL_WIDTH + CELL_GAP);
  private static final int ROWS = 5;
  private static final int CHIP = 26;
  private static final int OTHERS_IN_A_ROW = 3;

  private final RackMap map;
  private final StringBuilder links = new StringBuilder();
  private final StringBuilder shapes = new StringBuilder();
  private final Map<String, Integer> middleY = new HashMap<>();

  private SvgMap(RackMap map) {
    this.map = map;
  }

  /** The whole document. */
  public static String draw(RackMap map) {
    return new SvgMap(map).document();
  }

  private String document() {
    int memoryEnd = memories();
    int processorEnd = processors();
    int othersY = Math.max(memoryEnd, processorEnd) + 10;
    int legendY = others(othersY) + 36;
    int height = legendY + 26;
    map.moves().forEach(this::move);
    legend(legendY);
    String label = "A rack with %d regions".formatted(map.regions().size());
    return header(height, label)
        + text(LEFT_X, 42, "title", "Where memory lies")
        + text(LEFT_X, 66, "small", summary())
        + links
        + shapes
        + "</svg>\n";
  }

  private static String header(int height, String label) {
    return """
      <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d" role="img" aria-label="%s">
      <style>
       svg{background:#fff} text{font-family:system-ui,'DejaVu Sans',sans-serif;fill:#111827;font-size:13px}
       .title{font-size:21px;font-weight:700} .name{font-size:15px;font-weight:600} .small{font-size:12px;fill:#4b5563}
       .box{fill:#f8fafc;stroke:#64748b;stroke-width:1.4} .down{fill:#f1f5f9;stroke:#94a3b8;stroke-dasharray:6 4}
       .suspect{fill:#fffbeb;stroke:#d97706;stroke-width:2.4} .cell{font-size:12px;text-anchor:middle} .on{fill:#fff;font-weight:600}
       .move{fill:none;stroke:#b91c1c;stroke-width:2.6;marker-end:url(#arrow)} .moves{fill:#b91c1c;font-weight:600;font-size:12px;text-anchor:end;stroke:#fff;stroke-width:5px;paint-order:stroke}
      </style>
      <defs><marker id="arrow" viewBox="0 0 10 10" refX="8" refY="5" markerWidth="6" markerHeight="6" orient="auto"><path d="M0 0L10 5L0 10z" fill="#b91c1c"/></marker></defs>
      """
        .formatted(WIDTH, height, WIDTH, height, label);
  }

  private String summary() {
    long missing = map.unprotected().size();
    return "%s · %d programs, %d regions of 16 MiB, %s"
        .formatted(
            map.at().truncatedTo(ChronoUnit.SECONDS),
            map.programs().size(),
            map.regions().size(),
            missing == 0 ? "none lacks a copy" : missing + " lack a copy");
  }

  /** The right column; returns where it ends. */
  private int memories() {
    int y = TOP;
    for (Component component : map.ofKind("mcomponent")) {
      List<Region> homes = map.homesAt(component.name());
      List<Region> copies = map.copiesAt(component.name());
      int height = HEAD + Math.max(1, rows(homes) + rows(copies)) * (CELL_HEIGHT + CELL_GAP) + 10;
      box(RIGHT_X, y, RIGHT_WIDTH, height, component);
      shapes.append(
          "<text class=\"small\" text-anchor=\"end\" x=\"%d\" y=\"%d\">%s</text>%n"
              .formatted(
                  RIGHT_X + RIGHT_WIDTH - 14,
                  y + 25,
                  "%d of %d MiB reserved"
                      .formatted(component.usedBytes() >> 20, component.capacityBytes() >> 20)));
      int cellsY = cells("homes", homes, y + HEAD, true);
      cells("copies", copies, cellsY, false);
      middleY.put(component.name(), y + height / 2);
      y += height + GAP;
    }
    return y;
  }

  private static int rows(List<Region> regions) {
    return Math.min(ROWS, (regions.size() + CELLS_IN_A_ROW - 1) / CELLS_IN_A_ROW);
  }

  private int cells(String label, List<Region> regions, int y, boolean home) {
    if (regions.isEmpty()) {
      return y;
    }
    shapes.append(text(RIGHT_X + 14, y + 17, "small", label));
    int shown = Math.min(regions.size(), ROWS * CELLS_IN_A_ROW);
    for (int i = 0; i < shown; i++) {
      int x = RIGHT_X + 70 + (i % CELLS_IN_A_ROW) * (CELL_WIDTH + CELL_GAP);
      int cellY = y + (i / CELLS_IN_A_ROW) * (CELL_HEIGHT + CELL_GAP);
      boolean last = i == shown - 1 && shown < regions.size();
      cell(x, cellY, regions.get(i), home, last ? "+" + (regions.size() - i) : null);
    }
    return y + rows(regions) * (CELL_HEIGHT + CELL_GAP);
  }

  private void cell(
      int x, int y, Region region, boolean home, @org.jspecify.annotations.Nullable String more) {
    String colour = colour(region.process());
    String border = region.isUnprotected() && home ? "#b91c1c" : colour;
    shapes.append(
        """
        <rect x="%d" y="%d" width="%d" height="%d" rx="4" fill="%s" stroke="%s" stroke-width="%s"%s><title>region %d of process %d, epoch %d: home %s, copies %s</title></rect>
        <text class="cell%s" x="%d" y="%d">%s</text>
        """
            .formatted(
                x,
                y,
                CELL_WIDTH,
                CELL_HEIGHT,
                home ? colour : "#fff",
                border,
                region.isUnprotected() && home ? "3" : "1.6",
                map.moves(region) && home ? " stroke-dasharray=\"4 3\" fill-opacity=\"0.65\"" : "",
                region.region(),
                region.process(),
                region.epoch(),
                escaped(region.home()),
                escaped(String.join(" ", region.secondaries())),
                home ? " on" : "",
                x + CELL_WIDTH / 2,
                y + 17,
                more == null ? Long.toString(region.region()) : more));
  }

  /** The left column, with a line to each place where a program has homes. */
  private int processors() {
    int y = TOP;
    for (Component component : map.ofKind("pcomponent")) {
      List<Program> programs = map.programsAt(component.name());
      int height = HEAD + Math.max(1, programs.size()) * (CHIP + 6) + 8;
      box(LEFT_X, y, LEFT_WIDTH, height, component);
      int chipY = y + HEAD;
      if (programs.isEmpty()) {
        shapes.append(text(LEFT_X + 14, chipY + 16, "small", "no program"));
      }
      for (Program program : programs) {
        chip(program, chipY);
        chipY += CHIP + 6;
      }
      y += height + GAP;
    }
    return y;
  }

  private void chip(Program program, int y) {
    String colour = colour(program.process());
    shapes.append(
        """
        <rect x="%d" y="%d" width="%d" height="%d" rx="13" fill="%s"/>
        <text class="on" x="%d" y="%d">%s</text>
        """
            .formatted(
                LEFT_X + 12,
                y,
                LEFT_WIDTH - 24,
                CHIP,
                colour,
                LEFT_X + 26,
                y + 17,
                escaped(
                    "%d %s · ack %s"
                        .formatted(program.process(), shortened(program.name()), program.ack()))));
    int fromX = LEFT_X + LEFT_WIDTH - 12;
    int fromY = y + CHIP / 2;
    map.homesOf(program)
        .filter(middleY::containsKey)
        .forEach(
            home -> {
              long count =
                  map.homesAt(home).stream().filter(r -> r.process() == program.process()).count();
              links.append(
                  "<path d=\"M%d %dC%d %d %d %d %d %d\" fill=\"none\" stroke=\"%s\" stroke-opacity=\"0.55\" stroke-width=\"%s\"/>%n"
                      .formatted(
                          fromX,
                          fromY,
                          fromX + 70,
                          fromY,
                          RIGHT_X - 70,
                          middleY.get(home),
                          RIGHT_X,
                          middleY.get(home),
                          colour,
                          String.format(Locale.ROOT, "%.1f", 1.5 + Math.min(5, count / 4.0))));
            });
  }

  /** Everyone else, in a row across; returns where it ends. */
  private int others(int y) {
    List<Component> others =
        map.components().stream()
            .filter(c -> !c.kind().equals("pcomponent") && !c.kind().equals("mcomponent"))
            .toList();
    int width = (RIGHT_X + RIGHT_WIDTH - LEFT_X - (OTHERS_IN_A_ROW - 1) * GAP) / OTHERS_IN_A_ROW;
    for (int i = 0; i < others.size(); i++) {
      box(
          LEFT_X + (i % OTHERS_IN_A_ROW) * (width + GAP),
          y + (i / OTHERS_IN_A_ROW) * 60,
          width,
          48,
          others.get(i));
    }
    return y + (others.size() + OTHERS_IN_A_ROW - 1) / OTHERS_IN_A_ROW * 60;
  }

  private void move(Move move) {
    Integer from = middleY.get(move.source());
    Integer to = middleY.get(move.target());
    if (from == null || to == null) {
      return;
    }
    int x = RIGHT_X + RIGHT_WIDTH;
    shapes.append(
        """
        <path class="move" d="M%d %dC%d %d %d %d %d %d"/>
        <text class="moves" x="%d" y="%d">%s</text>
        """
            .formatted(
                x,
                from,
                x + 64,
                from,
                x + 64,
                to,
                x + 4,
                to,
                WIDTH - 4,
                (from + to) / 2 + 4,
                "region " + move.region()));
  }

  private void legend(int y) {
    shapes.append(
        """
        <rect x="%1$d" y="%2$d" width="26" height="16" rx="3" fill="#475569"/><text class="small" x="%3$d" y="%4$d">home</text>
        <rect x="%5$d" y="%2$d" width="26" height="16" rx="3" fill="#fff" stroke="#475569" stroke-width="1.6"/><text class="small" x="%6$d" y="%4$d">copy in sync</text>
        <rect x="%7$d" y="%2$d" width="26" height="16" rx="3" fill="#475569" stroke="#b91c1c" stroke-width="3"/><text class="small" x="%8$d" y="%4$d">a copy is missing</text>
        <path class="move" d="M%9$d %10$dh30"/><text class="small" x="%11$d" y="%4$d">moves while its program runs</text>
        """
            .formatted(
                LEFT_X,
                y,
                LEFT_X + 34,
                y + 13,
                LEFT_X + 100,
                LEFT_X + 134,
                LEFT_X + 250,
                LEFT_X + 284,
                LEFT_X + 430,
                y + 8,
                LEFT_X + 470));
  }

  private void box(int x, int y, int width, int height, Component component) {
    String look =
        switch (component.state()) {
          case "down", "left" -> "box down";
          case "suspect" -> "box suspect";
          default -> "box";
        };
    shapes.append(
        "<rect class=\"%s\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\" rx=\"9\"/>%n"
            .formatted(look, x, y, width, height));
    shapes.append(
        "<text class=\"name\" x=\"%d\" y=\"%d\">%s <tspan class=\"small\" font-weight=\"400\">%s</tspan></text>%n"
            .formatted(x + 14, y + 25, escaped(component.name()), escaped(component.state())));
  }

  private String colour(long process) {
    int place = 0;
    for (Program running : map.programs()) {
      if (running.process() == process) {
        return COLOURS.get(place % (COLOURS.size() - 1));
      }
      place++;
    }
    return COLOURS.getLast();
  }

  private static String shortened(String name) {
    return name.length() > 22 ? name.substring(0, 21) + "…" : name;
  }

  private static String text(int x, int y, String look, String text) {
    return "<text class=\"%s\" x=\"%d\" y=\"%d\">%s</text>%n".formatted(look, x, y, escaped(text));
  }

  private static String escaped(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;");
  }
}
