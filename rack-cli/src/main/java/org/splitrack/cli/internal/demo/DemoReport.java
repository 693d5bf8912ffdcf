package org.splitrack.cli.internal.demo;

import java.io.PrintStream;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What the demo shows a person, in the order in which it happened. */
public final class DemoReport {
  private static final List<Map.Entry<String, String>> ROWS =
      List.of(
          Map.entry("pages touched", "pages_touched"),
          Map.entry("pages of cache", "cache_pages"),
          Map.entry("hits", "hits"),
          Map.entry("misses", "misses"),
          Map.entry("prefetched and used", "prefetch_used"),
          Map.entry("pages written back", "write_backs"),
          Map.entry("miss p50, us", "miss_us_p50"),
          Map.entry("miss p99, us", "miss_us_p99"),
          Map.entry("time, ms", "wall_ms"));

  private final PrintStream out;

  public DemoReport(PrintStream out) {
    this.out = out;
  }

  public void title(DemoText text, WordCount expected) {
    out.println();
    out.printf(
        Locale.ROOT,
        "The words of %,d bytes of text (%s),%n"
            + "counted by examples/word_count.wasm on the rack, and in plain Java without it.%n",
        expected.bytes(),
        text.source());
  }

  public void result(WordCount expected, DemoRun resident, DemoRun quarter) {
    heading("Result");
    out.printf(
        Locale.ROOT,
        "  %,d words, %,d distinct, checksum %016x%n",
        expected.words(),
        expected.counts().size(),
        expected.checksum());
    out.println("  most frequent: " + topWords(expected));
    out.println("  all of it cached:  " + verdict(expected, resident));
    out.println("  a quarter cached:  " + verdict(expected, quarter));
  }

  /** Whether a run printed exactly what the count without the rack says. */
  public static boolean isRight(WordCount expected, DemoRun run) {
    return run.exitCode() == 0 && run.output().equals(expected.asPrinted());
  }

  private static String verdict(WordCount expected, DemoRun run) {
    return isRight(expected, run)
        ? "right, the same as without the rack"
        : "WRONG (exit code %d): %s"
            .formatted(
                run.exitCode(), run.output().lines().findFirst().orElse("it printed nothing"));
  }

  private static String topWords(WordCount expected) {
    return expected.top().stream()
        .limit(5)
        .map(top -> String.format(Locale.ROOT, "%s %,d", top.getKey(), top.getValue()))
        .collect(java.util.stream.Collectors.joining(", "));
  }

  public void figures(DemoRun resident, DemoRun quarter) {
    heading("Memory");
    out.printf("  %-22s %16s %16s%n", "", "all cached", "a quarter cached");
    for (Map.Entry<String, String> row : ROWS) {
      out.printf(
          Locale.ROOT,
          "  %-22s %,16d %,16d%n",
          row.getKey(),
          resident.stat(row.getValue()),
          quarter.stat(row.getValue()));
    }
    long residentMs = Math.max(1, resident.stat("wall_ms"));
    out.printf(
        Locale.ROOT,
        "  slowdown with a quarter: %.2f x (on this machine; its figures change with its load)%n",
        (double) quarter.stat("wall_ms") / residentMs);
  }

  /** What was done to the rack while the second count went on. */
  public void disturbance(List<String> lines) {
    heading("Meanwhile, while it counted with a quarter cached");
    lines.forEach(line -> out.println("  " + line));
  }

  public void map(RegionMap map, List<String> components) {
    heading("Where its memory lay (numbers are its regions of 16 MiB, in order of address)");
    if (map.regions().isEmpty()) {
      out.println("  it ended before the tables showed its regions");
      return;
    }
    map.draw(components).forEach(line -> out.println("  " + line));
  }

  public void heading(String text) {
    out.println();
    out.println(text);
  }
}
