package org.splitrack.cli.internal.command;

import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;
import org.splitrack.cli.internal.ExitCode;
import org.splitrack.cli.internal.RackFailure;
import org.splitrack.cli.internal.demo.FailoverStep;
import org.splitrack.cli.internal.machine.Installation;
import org.splitrack.cli.internal.manager.ManagerClient;
import org.splitrack.cli.internal.output.Listing;
import org.splitrack.cli.internal.tables.Tables;
import org.splitrack.fabric.ComponentId;

/**
 * A program, the death of the mComponent that is home of most of its memory, and what the tables
 * say about it afterwards.
 */
final class FailoverScene {
  private static final String[] PROGRAM = {"64M", "10", "7"};
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Duration END_PATIENCE = Duration.ofMinutes(5);
  private static final long POLL_MS = 20;
  private static final String LIVING_REGION =
      "SELECT region, home, secondaries, epoch, copies, protection FROM api.regions WHERE region = %d";
  private final Context context;
  private final String ack;
  private final ManagerClient manager;
  private final ByteArrayOutputStream output = new ByteArrayOutputStream();

  private final List<FailoverStep> steps = new ArrayList<>();
  private @Nullable ComponentId victim;
  private Instant killedAt = Instant.EPOCH;
  private long process;
  private int exitCode;

  FailoverScene(Context context, String ack) {
    this.context = context;
    this.ack = ack;
    this.manager = context.manager();
  }

  ComponentId victim() {
    return java.util.Objects.requireNonNull(victim);
  }

  Instant killedAt() {
    return killedAt;
  }

  /** In the order in which they happened. */
  List<FailoverStep> steps() {
    return steps;
  }

  /** Whether the tables show every step. */
  boolean isProven() {
    return !steps.isEmpty() && steps.stream().allMatch(FailoverStep::isProven);
  }

  /** Whether the program went on to its end and found every byte as it had written it. */
  boolean endedRight() {
    return exitCode == 0 && output.toString(StandardCharsets.UTF_8).strip().endsWith("ok");
  }

  /** How the program ended, for a sentence. */
  String ending() {
    String printed = output.toString(StandardCharsets.UTF_8).strip();
    String last = printed.lines().reduce("", (_, line) -> line);
    return "process %d ended with %d%s"
        .formatted(process, exitCode, last.isEmpty() ? "" : ", having printed \"" + last + "\"");
  }

  /** Runs it, from the start of the program to its end. */
  void play() throws InterruptedException {
    try (Tables tables = context.tables()) {
      long lastEvent = number(one(tables, "SELECT coalesce(max(event), 0) FROM api.events"));
      FutureTask<Integer> run = start();
      awaitUnless(run, () -> isUnderWay(tables));
      Listing chosen =
          rows(
              tables,
              """
              SELECT home, min(region) AS region, count(*) FROM api.regions
               WHERE process = %d GROUP BY home ORDER BY count(*) DESC, home LIMIT 1"""
                  .formatted(process));
      if (chosen.rows().isEmpty()) {
        throw RackFailure.failed(
            "the program ended before it had memory beyond its cache: see ./rack ps -a");
      }
      ComponentId home = ComponentId.parse(String.valueOf(chosen.rows().getFirst().get(0)));
      long region = number(chosen.rows().getFirst().get(1));
      victim = home;
      prove(
          tables,
          "Region %d has its home on %s".formatted(region, home),
          null,
          LIVING_REGION.formatted(region));

      String atHome =
          "SELECT region, pages, secondaries, epoch FROM api.regions WHERE process = %d AND home = '%s' ORDER BY region"
              .formatted(process, home);
      Listing hit = rows(tables, atHome);
      context.progress.say("killing " + home);
      killedAt = Instant.now();
      context.faults().kill(home);
      steps.add(
          new FailoverStep(
              home + " is killed (SIGKILL); what was at home there right then",
              killedAt,
              atHome,
              hit));
      awaitUnless(run, () -> hasMoved(tables, region, home));
      Listing moved = rows(tables, LIVING_REGION.formatted(region));
      awaitUnless(run, () -> hasTwoCopies(tables, region));
      Listing healed = rows(tables, LIVING_REGION.formatted(region));

      exitCode = awaitEnd(run);
      context.sync(manager);
      tellWhatHappened(tables, lastEvent, region, home, moved, healed);
    }
  }

  private void tellWhatHappened(
      Tables tables, long lastEvent, long region, ComponentId home, Listing moved, Listing healed) {
    String events = "SELECT at, kind, message FROM api.events WHERE event > " + lastEvent;
    proveByEvent(
        tables,
        home + " is suspected",
        events
            + " AND kind = 'component_suspected' AND message LIKE '%"
            + home
            + "%' ORDER BY event LIMIT 1");
    proveByEvent(
        tables,
        home + " is found dead",
        events
            + " AND kind IN ('component_down', 'component_restarted') AND message LIKE '%"
            + home
            + "%' ORDER BY event LIMIT 1");
    if (ack.equals("safe")) {
      prove(
          tables,
          "New epoch: one compare-and-set, with its history row in the same transaction",
          firstInstant(
              tables,
              "SELECT lower(valid) FROM api.region_history WHERE region = %d AND home <> '%s' ORDER BY epoch LIMIT 1"
                  .formatted(region, home)),
          "SELECT epoch, term, home, secondaries, reason, valid FROM api.region_history WHERE region = "
              + region
              + " ORDER BY epoch");
      proveByEvent(
          tables,
          "Its second copy is home in the row",
          events
              + " AND kind = 'region_failed_over' AND region = "
              + region
              + " ORDER BY event LIMIT 1");
      proveByEvent(
          tables,
          "The seal: the copy serves as home, and refuses the old epoch from now on",
          events
              + " AND kind = 'region_sealed' AND region = "
              + region
              + " ORDER BY event LIMIT 1");
      steps.add(
          new FailoverStep(
              "As the row showed it right then", null, LIVING_REGION.formatted(region), moved));
      proveByEvent(
          tables,
          "A second copy again, on another mComponent",
          events
              + " AND kind = 'region_protected' AND region = "
              + region
              + " ORDER BY event DESC LIMIT 1");
      steps.add(
          new FailoverStep(
              "As the row showed it then", null, LIVING_REGION.formatted(region), healed));
      prove(
          tables,
          "All regions of " + home + " together",
          null,
          "SELECT regions, suspected_at, committed_at, sealed_at, protected_at, stall_ms_max"
              + " FROM api.failovers"
              + " WHERE component = '"
              + home
              + "' ORDER BY failover DESC LIMIT 1");
    } else {
      proveByEvent(
          tables,
          "Its regions had no other copy: the program is lost",
          events
              + " AND kind = 'process_ended' AND process = "
              + process
              + " ORDER BY event LIMIT 1");
    }
    prove(
        tables,
        "How the program ended",
        null,
        "SELECT process, name, ack, state, exit_code, stall_ms_max FROM api.processes WHERE process = "
            + process);
  }

  private FutureTask<Integer> start() {
    String wasm =
        Installation.current().home().resolve("examples/testbed/memcheck.wasm").toString();
    ProgramFile program = ProgramFile.read(wasm, manager, "default");
    if (!manager.holdsProgram(program.digest())) {
      manager.putProgram(program.digest(), program.module());
    }
    Map<String, Object> spec =
        new LinkedHashMap<>(
            new RunOptions().spec(program.name(), program.digest(), List.of(PROGRAM)));
    spec.put("ack", ack);
    spec.put("cache", "25%");
    ManagerClient.Started started = manager.start(spec);
    process = started.process();
    AttachedRun attached = new AttachedRun(context, manager, started, null);
    FutureTask<Integer> run =
        new FutureTask<>(
            () -> attached.toItsEnd(InputStream.nullInputStream(), output, System.err));
    Thread.ofPlatform().daemon().name("demo-run").start(run);
    return run;
  }

  /** Its memory is beyond the cache, and protected as it asked. */
  private boolean isUnderWay(Tables tables) {
    String busy =
        "SELECT count(*) FROM api.components WHERE load > 0 AND component IN"
            + " (SELECT home FROM api.regions WHERE process = "
            + process
            + ")";
    return number(one(tables, busy)) > 0
        && number(one(tables, "SELECT count(*) FROM api.regions WHERE process = " + process)) >= 4
        && (!ack.equals("safe") || manager.protection().holds());
  }

  private static boolean hasMoved(Tables tables, long region, ComponentId from) {
    return number(
            one(
                tables,
                "SELECT count(*) FROM api.regions WHERE region = "
                    + region
                    + " AND home <> '"
                    + from
                    + "'"))
        > 0;
  }

  private static boolean hasTwoCopies(Tables tables, long region) {
    return number(
            one(
                tables,
                "SELECT count(*) FROM api.regions WHERE copies >= 2 AND region = " + region))
        > 0;
  }

  private void prove(Tables tables, String title, @Nullable Instant at, String sql) {
    steps.add(new FailoverStep(title, at, sql, rows(tables, sql)));
  }

  /** With the time that the event's row gives. */
  private void proveByEvent(Tables tables, String title, String sql) {
    prove(tables, title, firstInstant(tables, sql), sql);
  }

  private static @Nullable Instant firstInstant(Tables tables, String sql) {
    Listing row = rows(tables, sql);
    return !row.rows().isEmpty() && row.rows().getFirst().getFirst() instanceof Instant when
        ? when
        : null;
  }

  /** Returns when it is so, or when the program has ended, which makes most things impossible. */
  private static void awaitUnless(FutureTask<Integer> run, BooleanSupplier condition)
      throws InterruptedException {
    long endNs = System.nanoTime() + PATIENCE.toNanos();
    while (!run.isDone() && !condition.getAsBoolean() && System.nanoTime() - endNs < 0) {
      Thread.sleep(POLL_MS);
    }
  }

  private static int awaitEnd(FutureTask<Integer> run) throws InterruptedException {
    try {
      return run.get(END_PATIENCE.toMillis(), java.util.concurrent.TimeUnit.MILLISECONDS);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof RackFailure failure) {
        return failure.exitCode();
      }
      throw new IllegalStateException(e.getCause());
    } catch (java.util.concurrent.TimeoutException e) {
      throw RackFailure.of(ExitCode.FAILED, "the program neither goes on nor ends");
    }
  }

  private static @Nullable Object one(Tables tables, String sql) {
    return rows(tables, sql).rows().getFirst().getFirst();
  }

  private static long number(@Nullable Object value) {
    return value instanceof Number number ? number.longValue() : 0;
  }

  private static Listing rows(Tables tables, String sql) {
    return tables.query(sql, Context.MOST_ROWS, Context.QUERY_TIMEOUT).listing();
  }
}
