package org.splitrack.cli.internal.command;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.jspecify.annotations.Nullable;
import org.splitrack.cli.internal.ExitCode;
import org.splitrack.cli.internal.RackFailure;
import org.splitrack.cli.internal.demo.DemoReport;
import org.splitrack.cli.internal.demo.DemoRun;
import org.splitrack.cli.internal.demo.DemoText;
import org.splitrack.cli.internal.demo.RegionMap;
import org.splitrack.cli.internal.demo.WordCount;
import org.splitrack.cli.internal.machine.Installation;
import org.splitrack.cli.internal.manager.ManagerClient;
import org.splitrack.cli.internal.output.ListingWriter;
import org.splitrack.cli.internal.output.OutputFormat;
import org.splitrack.cli.internal.tables.Tables;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "demo",
    description = {
      "The main job on a fresh rack, start to end: a C program counts the words of a text, once"
          + " with",
      "all of its memory cached and once with a quarter, while a region of it moves and an"
          + " mComponent",
      "is killed; both are checked. Ends with the rack down."
    })
final class DemoCommand implements Callable<Integer> {
  private static final String PATH = "/text";
  private static final long PAGE_BYTES = 4096;

  /** Counts until both disturbances met a program that ran. */
  private static final int MAX_TRIES = 5;

  private final Context outer;

  @Parameters(
      arity = "0..1",
      paramLabel = "FILE",
      description = "the text (default: the JDK's sources)")
  private @Nullable Path file;

  @Option(names = "--keep", description = "leave the rack up")
  private boolean keep;

  DemoCommand(Context outer) {
    this.outer = outer;
  }

  @Override
  public Integer call() throws IOException {
    DemoRack rack = DemoRack.prepare(outer);
    boolean right = run(rack);
    if (keep) {
      rack.keep();
    }
    return right ? ExitCode.DONE : ExitCode.FAILED;
  }

  private boolean run(DemoRack rack) throws IOException {
    Context context = rack.context;
    DemoText text = DemoText.choose(file, rack.scratch);
    FutureTask<WordCount> counting = new FutureTask<>(() -> WordCount.of(text.file()));
    Thread.ofPlatform().daemon().start(counting);
    rack.up();

    ManagerClient manager = context.manager();
    context.progress.say("putting the text into the rack as " + PATH);
    manager.upload("default", PATH, BodyPublishers.ofFile(text.file()));
    WordCount expected = expected(counting);
    DemoReport report = new DemoReport(context.out);
    report.title(text, expected);

    context.progress.say("counting with all of its memory cached");
    DemoRun resident = count(context, manager, null, false).run();
    long quarterBytes = Math.max(64, resident.stat("pages_touched") / 4) * PAGE_BYTES;
    context.progress.say("counting with a quarter of that cached: " + quarterBytes + " bytes");
    context.progress.say("meanwhile a region will move, and an mComponent be killed");
    Counted quarter = count(context, manager, quarterBytes, true);
    for (int tries = 1; !quarter.disturbed() && tries < MAX_TRIES; tries++) {
      context.progress.say("it ended before all of that was done: counting again");
      quarter = count(context, manager, quarterBytes, true);
    }

    report.result(expected, resident, quarter.run());
    report.figures(resident, quarter.run());
    report.disturbance(quarter.disturbance());
    report.map(quarter.map(), mcomponents(context));
    showTables(context, manager, report, quarter.run().process());
    context.out.flush();
    if (!quarter.disturbed()) {
      context.progress.say("it ended %d times before all of that was done".formatted(MAX_TRIES));
    }
    return quarter.disturbed()
        && DemoReport.isRight(expected, resident)
        && DemoReport.isRight(expected, quarter.run());
  }

  private static WordCount expected(FutureTask<WordCount> counting) throws IOException {
    try {
      return counting.get();
    } catch (ExecutionException e) {
      throw new IOException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw RackFailure.of(ExitCode.INTERRUPTED, "interrupted");
    }
  }

  /**
   * A run.
   *
   * @param map where its regions lay while it ran
   * @param disturbed whether all that was to be done to the rack meanwhile was done
   * @param disturbance what was done, in sentences
   */
  private record Counted(DemoRun run, RegionMap map, boolean disturbed, List<String> disturbance) {}

  private Counted count(
      Context context, ManagerClient manager, @Nullable Long cacheBytes, boolean disturbed)
      throws IOException {
    Path wasm = Installation.current().home().resolve("examples").resolve("word_count.wasm");
    ProgramFile program = ProgramFile.read(wasm.toString(), manager, "default");
    if (!manager.holdsProgram(program.digest())) {
      manager.putProgram(program.digest(), program.module());
    }
    RunOptions options = new RunOptions();
    options.cacheBytes(cacheBytes);
    ManagerClient.Started started =
        manager.start(options.spec(program.name(), program.digest(), List.of(PATH)));
    Disturbance disturbance =
        disturbed ? Disturbance.start(context, manager, started.process()) : null;
    try (RegionWatch watch = RegionWatch.start(context, started.process());
        disturbance) {
      ByteArrayOutputStream output = new ByteArrayOutputStream();
      AttachedRun run = new AttachedRun(context, manager, started, null);
      int exitCode = run.toItsEnd(InputStream.nullInputStream(), output, System.err);
      Map<String, Number> stats =
          run.outcome().map(outcome -> outcome.stats()).orElse(new LinkedHashMap<>());
      return new Counted(
          new DemoRun(started.process(), exitCode, output.toString(StandardCharsets.UTF_8), stats),
          watch.largest(),
          disturbance != null && disturbance.isComplete(),
          disturbance == null ? List.of() : disturbance.told());
    }
  }

  private static List<String> mcomponents(Context context) {
    List<String> ids = new ArrayList<>();
    for (int i = 0; i < context.state().running().counts().memories(); i++) {
      ids.add("mcomponent-" + i);
    }
    return ids;
  }

  private void showTables(Context context, ManagerClient manager, DemoReport report, long process) {
    context.sync(manager);
    report.heading("What the tables say");
    show(
        context,
        "SELECT process, name, state, exit_code, pages_touched, misses, wall_ms FROM api.processes"
            + " ORDER BY process");
    show(
        context,
        "SELECT component, state, capacity_bytes, used_bytes FROM api.components ORDER BY"
            + " component");
    show(
        context,
        "SELECT at, component, kind, message FROM api.events WHERE process = "
            + process
            + " ORDER BY event LIMIT 5");
    show(
        context,
        "SELECT migration, region, source, target, state, bytes, write_pause_ms FROM"
            + " api.migrations");
    show(
        context,
        "SELECT component, regions, suspected_at, committed_at, protected_at FROM api.failovers");
    show(context, "SELECT path, bytes, replicas, healthy FROM api.files");
  }

  private void show(Context context, String sql) {
    context.out.println();
    context.out.println("  rack sql \"" + sql + "\"");
    try (Tables tables = context.tables()) {
      new ListingWriter(OutputFormat.TABLE, context.out)
          .write(tables.query(sql, Context.MOST_ROWS, Context.QUERY_TIMEOUT).listing());
    }
  }
}
