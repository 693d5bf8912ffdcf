package org.splitrack.cli.internal.command;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
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
  private static final long POLL_MS = 25;

  private final Context context;
  private final ManagerClient manager;
  private final long process;
  private final List<String> told = new ArrayList<>();
  private final Thread thread;
  private boolean complete;

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

  /** Whether all of it was done while the program ran. */
  synchronized boolean isComplete() {
    return complete;
  }

  private void disturb() {
    try (Tables tables = context.tables()) {
      awaitUnderWay(tables);
      if (move(tables) && kill(tables)) {
        synchronized (this) {
          complete = true;
        }
      }
    } catch (InterruptedException ended) {
      Thread.currentThread().interrupt();
    } catch (RackFailure e) {
      tell("not all of it was done: " + RackFailure.reason(e));
    }
  }

  /** Its memory is beyond the cache, in two mComponents, and has the copies that it should have. */
  private void awaitUnderWay(Tables tables) throws InterruptedException {
    String busy =
        "SELECT DISTINCT home FROM api.regions r JOIN api.components c ON c.component = r.home"
            + " WHERE c.load > 0 AND r.process = "
            + process;
    await(
        () -> !runs() || (rows(tables, busy).rows().size() >= 2 && manager.protection().holds()),
        "its memory did not come to lie in two mComponents");
  }

  /** The largest of its regions that can be moved; one may be gone since the tables showed it. */
  private boolean move(Tables tables) throws InterruptedException {
    List<Long> refused = new ArrayList<>();
    while (runs()) {
      Listing chosen = movable(tables, refused);
      if (chosen.rows().isEmpty()) {
        Thread.sleep(POLL_MS);
        refused.clear();
        continue;
      }
      long region = ((Number) chosen.rows().getFirst().get(0)).longValue();
      String source = String.valueOf(chosen.rows().getFirst().get(1));
      ComponentId target = ComponentId.parse(String.valueOf(chosen.rows().getFirst().get(2)));
      try {
        JsonNode end =
            MigrateCommand.awaitEnd(manager, manager.migrate(region, target), context.progress);
        if (end.path("state").asString().equals("done")) {
          tell(
              String.format(
                  Locale.ROOT,
                  "region %d moved from %s to %s: %,d bytes, and %s",
                  region,
                  source,
                  target,
                  end.path("bytes").asLong(),
                  pause(end.path("write_pause_ms"))));
          return true;
        }
      } catch (RackFailure e) {
        context.progress.say("region " + region + " does not move: " + RackFailure.reason(e));
      }
      refused.add(region);
    }
    return false;
  }

  private Listing movable(Tables tables, List<Long> refused) {
    String without = refused.stream().map(String::valueOf).collect(Collectors.joining(","));
    return rows(
        tables,
        """
        SELECT r.region, r.home, c.component
          FROM api.regions r
          JOIN api.components c ON c.component LIKE 'mcomponent-%%' AND c.state = 'up'
         WHERE r.process = %d AND c.component <> r.home AND NOT r.region = ANY ('{%s}'::bigint[])
         ORDER BY r.pages DESC, c.component = ANY (r.secondaries), r.region, c.component LIMIT 1\
        """
            .formatted(process, without));
  }

  private static String pause(JsonNode pauseMs) {
    return pauseMs.isNumber()
        ? String.format(Locale.ROOT, "its writes waited %.1f ms", pauseMs.asDouble())
        : "no write had to wait";
  }

  private boolean kill(Tables tables) throws InterruptedException {
    await(() -> manager.protection().holds() || !runs(), "its memory is not protected");
    Listing chosen =
        rows(
            tables,
            "SELECT home, count(*) FROM api.regions WHERE process = %d GROUP BY home ORDER BY 2 DESC, 1 LIMIT 1"
                .formatted(process));
    if (chosen.rows().isEmpty() || !runs()) {
      return false;
    }
    ComponentId victim = ComponentId.parse(String.valueOf(chosen.rows().getFirst().get(0)));
    long killedNs = System.nanoTime();
    context.faults().kill(victim);
    boolean hit = runs();
    tell(
        String.format(
            Locale.ROOT,
            "%s was killed, home of %s of its regions",
            victim,
            chosen.rows().getFirst().get(1)));
    String left =
        "SELECT 1 FROM api.regions WHERE process = %d AND home = '%s'".formatted(process, victim);
    await(() -> rows(tables, left).rows().isEmpty(), "nobody took over what was on " + victim);
    if (runs()) {
      tell(
          String.format(
              Locale.ROOT,
              "%.1f s later the tables showed all of them on others",
              (System.nanoTime() - killedNs) / 1e9));
    }
    return hit;
  }

  private boolean runs() {
    return manager.awaitEnd(process, Duration.ZERO) == null;
  }

  private static void await(BooleanSupplier condition, String failure) throws InterruptedException {
    long startNs = System.nanoTime();
    while (!condition.getAsBoolean()) {
      if (System.nanoTime() - startNs > PATIENCE.toNanos()) {
        throw RackFailure.failed(failure);
      }
      Thread.sleep(POLL_MS);
    }
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
