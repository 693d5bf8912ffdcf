package org.splitrack.cli.internal.command;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.splitrack.cli.internal.RackFailure;
import org.splitrack.cli.internal.demo.RegionMap;
import org.splitrack.cli.internal.tables.Tables;

/**
 * Looks at the regions of a running process again and again, for they are gone when it has ended;
 * keeps the sight of the most.
 */
final class RegionWatch implements AutoCloseable {
  private static final long POLL_MS = 250;
  private static final String SQL =
      "SELECT index, home, pages FROM api.regions WHERE process = ? ORDER BY index";

  private final Context context;
  private final long process;
  private final Thread thread;
  private volatile RegionMap largest = new RegionMap(List.of());

  private RegionWatch(Context context, long process) {
    this.context = context;
    this.process = process;
    this.thread = Thread.ofVirtual().unstarted(this::watch);
  }

  static RegionWatch start(Context context, long process) {
    RegionWatch watch = new RegionWatch(context, process);
    watch.thread.start();
    return watch;
  }

  RegionMap largest() {
    return largest;
  }

  private void watch() {
    try (Tables tables = context.tables()) {
      while (true) {
        RegionMap now = look(tables);
        if (now.regions().size() >= largest.regions().size() && !now.regions().isEmpty()) {
          largest = now;
        }
        Thread.sleep(POLL_MS);
      }
    } catch (InterruptedException ended) {
      Thread.currentThread().interrupt();
    } catch (RackFailure e) {
      context.progress.say("the tables do not show the regions: " + e.getMessage());
    }
  }

  private RegionMap look(Tables tables) {
    List<RegionMap.Region> regions = new ArrayList<>();
    for (List<@Nullable Object> row :
        tables.query(SQL, Context.MOST_ROWS, Context.QUERY_TIMEOUT, process).listing().rows()) {
      if (row.get(0) instanceof Number index
          && row.get(1) instanceof String home
          && row.get(2) instanceof Number pages) {
        regions.add(new RegionMap.Region(index.intValue(), home, pages.intValue()));
      }
    }
    return new RegionMap(regions);
  }

  @Override
  public void close() {
    thread.interrupt();
  }
}
