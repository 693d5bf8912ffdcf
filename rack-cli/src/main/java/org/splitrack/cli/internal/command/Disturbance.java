package org.splitrack.cli.internal.command;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.splitrack.cli.internal.RackFailure;
import org.splitrack.cli.internal.manager.ManagerClient;
import org.splitrack.cli.internal.output.Listing;
import org.splitrack.cli.internal.tables.Tables;
import org.splitrack.fabric.ComponentId;
import tools.jackson.databind.JsonNode;

/**
 * What is done to the rack while a program runs: one of its regions moves to another mComponent,
 * and then the mComponent that is home of most of them is killed.
 */
final class Disturbance implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final long POLL_MS = 100;

  private final Context context;
  private final ManagerClient manager;
  private final long process;
  private final List<String> told = new ArrayList<>();
  private final Thread thread;

  private Disturbance(Context context, ManagerClient manager, long process) {
    this.context = context;
    this.manager = manager;
    this.process = process;
    this.thread = Thread.ofVirtual().unstarted(this::disturb);
  }

  static Disturbance start(Context context, ManagerClient manager, long process) {
    Disturbance disturbance = new Disturbance(context, manager, process);
    disturbance.thread.start();
    return disturbance;
  }

  /** What was done, and how long it took, in sentences. */
  synchronized List<String> told() {
    return told.isEmpty()
        ? List.of("it ended before anything could be done to it")
        : List.copyOf(told);
  }

  private synchronized void tell(String line) {
    told.add(line);
    context.progress.say(line);
  }

  private void disturb() {
    try (Tables tables = context.tables()) {
      awaitUnderWay(tables);
      move(tables);
      kill(tables);
    } catch (InterruptedException ended) {
      Thread.currentThread().interrupt();
    } catch (RackFailure e) {
      tell("not all of it was done: " + RackFailure.reason(e));
    }
  }

  /** Its memory is beyond the cache, and has the copies that it should have. */
  private void awaitUnderWay(Tables tables) throws InterruptedException {
    String busy =
        "SELECT 1 FROM api.regions r JOIN api.components c ON c.component = r.home"
            + " WHERE c.load > 0 AND r.process = "
            + process;
    long endNs = System.nanoTime() + PATIENCE.toNanos();
    while (rows(tables, busy).rows().size() < 2 || !manager.protection().holds()) {
      if (System.nanoTime() - endNs > 0) {
        throw RackFailure.failed("its memory did not come to lie in two mComponents");
      }
      Thread.sleep(POLL_MS);
    }
  }

  private void move(Tables tables) throws InterruptedException {
    Listing chosen =
        rows(
            tables,
            """
            SELECT r.region, r.home, c.component
              FROM api.regions r
              JOIN api.components c ON c.component LIKE 'mcomponent-%%' AND c.state = 'up'
             WHERE r.process = %d AND c.component <> r.home
             ORDER BY r.pages DESC, c.component = ANY (r.secondaries), r.region, c.component LIMIT 1\
            """
                .formatted(process));
    if (chosen.rows().isEmpty()) {
      return;
    }
    long region = ((Number) chosen.rows().getFirst().get(0)).longValue();
    String source = String.valueOf(chosen.rows().getFirst().get(1));
    ComponentId target = ComponentId.parse(String.valueOf(chosen.rows().getFirst().get(2)));
    JsonNode end =
        MigrateCommand.awaitEnd(manager, manager.migrate(region, target), context.progress);
    if (end.path("state").asString().equals("done")) {
      tell(
          String.format(
              Locale.ROOT,
              "region %d moved from %s to %s: %,d bytes, and its writes waited %.1f ms",
              region,
              source,
              target,
              end.path("bytes").asLong(),
              end.path("write_pause_ms").asDouble()));
    } else {
      tell(
          String.format(
              Locale.ROOT,
              "region %d stayed on %s: %s",
              region,
              source,
              end.path("error").asString("no reason")));
    }
  }

  private void kill(Tables tables) throws InterruptedException {
    Listing chosen =
        rows(
            tables,
            "SELECT home, count(*) FROM api.regions WHERE process = %d GROUP BY home ORDER BY 2 DESC, 1 LIMIT 1"
                .formatted(process));
    if (chosen.rows().isEmpty() || !manager.protection().holds()) {
      return;
    }
    ComponentId victim = ComponentId.parse(String.valueOf(chosen.rows().getFirst().get(0)));
    long killedNs = System.nanoTime();
    context.faults().kill(victim);
    tell(
        String.format(
            Locale.ROOT,
            "%s was killed, home of %s of its regions",
            victim,
            chosen.rows().getFirst().get(1)));
    String left =
        "SELECT 1 FROM api.regions WHERE process = %d AND home = '%s'".formatted(process, victim);
    while (!rows(tables, left).rows().isEmpty()) {
      if (System.nanoTime() - killedNs > PATIENCE.toNanos()) {
        throw RackFailure.failed("nobody took over what was on " + victim);
      }
      Thread.sleep(POLL_MS);
    }
    tell(
        String.format(
            Locale.ROOT,
            "%.1f s later the tables showed all of them on others",
            (System.nanoTime() - killedNs) / 1e9));
  }

  private static Listing rows(Tables tables, String sql) {
    return tables.query(sql, Context.MOST_ROWS, Context.QUERY_TIMEOUT).listing();
  }

  /** Whatever has not been done by now is left undone. */
  @Override
  public void close() {
    thread.interrupt();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
