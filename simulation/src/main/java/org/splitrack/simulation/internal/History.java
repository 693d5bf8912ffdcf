package org.splitrack.simulation.internal;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.splitrack.fabric.RegionId;

/** What processes asked and were answered, page by page. */
final class History {
  /** An operation whose answer never came. */
  static final long NEVER = Long.MAX_VALUE;

  private final TreeMap<Page, List<Entry>> pages = new TreeMap<>();
  private long entries;

  record Page(RegionId region, int page) implements Comparable<Page> {
    @Override
    public int compareTo(Page other) {
      int byRegion = region.compareTo(other.region);
      return byRegion != 0 ? byRegion : Integer.compare(page, other.page);
    }
  }

  /** One read or write; {@code value} is what was written, or read. */
  static final class Entry {
    final boolean write;
    final long invokedUs;
    long value;
    long returnedUs = NEVER;

    Entry(boolean write, long value, long invokedUs) {
      this.write = write;
      this.value = value;
      this.invokedUs = invokedUs;
    }

    @Override
    public String toString() {
      return (write ? "write " : "read ") + value + " [" + invokedUs + ", " + returnedUs + "]";
    }
  }

  Entry invoke(RegionId region, int page, boolean write, long value, long nowUs) {
    Entry entry = new Entry(write, value, nowUs);
    pages.computeIfAbsent(new Page(region, page), key -> new ArrayList<>()).add(entry);
    entries++;
    return entry;
  }

  void complete(Entry entry, long value, long nowUs) {
    entry.value = value;
    entry.returnedUs = nowUs;
  }

  long size() {
    return entries;
  }

  /** Throws when a page did not behave like one register. */
  void requireLinearizable(Judge judge) {
    pages.forEach(
        (page, operations) -> {
          if (judge.isJudged(page.region()) && !Linearizability.holds(operations)) {
            throw new Violation(
                "page "
                    + page.page()
                    + " of region "
                    + page.region()
                    + " is not linearizable: "
                    + operations);
          }
        });
  }
}
