package org.splitrack.bench.internal;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.splitrack.bench.BenchRow;
import org.splitrack.bench.internal.Benchmark.Site;
import org.splitrack.cli.internal.ExitCode;
import org.splitrack.cli.internal.Progress;
import org.splitrack.cli.internal.RackFailure;
import org.splitrack.cli.internal.kube.KubeAccess;
import org.splitrack.cli.internal.kube.ReleaseName;
import org.splitrack.cli.internal.machine.Installation;
import org.splitrack.cli.internal.machine.RackStart;
import org.splitrack.cli.internal.machine.RackStop;
import org.splitrack.cli.internal.machine.StateDirectory;
import org.splitrack.cli.internal.machine.WantedCounts;
import org.splitrack.cli.internal.output.Listing;
import org.splitrack.cli.internal.output.ListingWriter;
import org.splitrack.cli.internal.output.OutputFormat;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Runs benchmarks on a fresh rack of their own, or on the one in {@code --state}. */
@Command(
    name = "rack bench",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    description = {
      "Measure. Each figure is a ratio to a baseline of the same run; subject and baseline"
          + " interleave.",
      "Works on a fresh rack with one pComponent, with --state on the rack that runs there, or with",
      "--kube on a release of the chart.",
      ""
    })
public final class BenchCommand implements Callable<Integer> {
  /** One pComponent, so that every run finds the same warm JVM. */
  private static final WantedCounts RACK = new WantedCounts(1, BenchedRack.MEMORIES, 1, 1, null);

  private final PrintStream out;
  private final Progress progress;
  private final Installation installation;

  @Parameters(arity = "0..*", paramLabel = "NAME", description = "what to measure (default: all)")
  private List<String> names = List.of();

  @Option(names = "--check", description = "exit code 1 when a bound does not hold")
  private boolean check;

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FORMAT",
      description = "table, json or csv (default: table)")
  private OutputFormat format = OutputFormat.TABLE;

  @Option(names = "--state", paramLabel = "DIR", description = "measure the rack that runs there")
  private @Nullable Path state;

  @Option(
      names = "--kube",
      paramLabel = "NAMESPACE/RELEASE",
      description = "measure the rack that Helm installed so, in the current kube context")
  private @Nullable String kube;

  private BenchCommand(PrintStream out, Progress progress, Installation installation) {
    this.out = out;
    this.progress = progress;
    this.installation = installation;
  }

  /** Runs the command; its exit code. */
  public static int run(String... arguments) {
    PrintStream out = new PrintStream(System.out, false, StandardCharsets.UTF_8);
    Progress progress = new Progress(System.err);
    int exitCode =
        new CommandLine(new BenchCommand(out, progress, Installation.current()))
            .setCaseInsensitiveEnumValuesAllowed(true)
            .setUsageHelpWidth(100)
            .setExecutionExceptionHandler(
                (e, _, _) -> {
                  if (e instanceof RackFailure failure) {
                    progress.say(RackFailure.reason(failure));
                    return failure.exitCode();
                  }
                  throw e;
                })
            .execute(arguments);
    out.flush();
    return exitCode;
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    if (kube != null && state != null) {
      throw RackFailure.usage("--kube and --state name two racks: leave one out");
    }
    List<Benchmark> wanted = wanted(kube == null ? Site.MACHINE : Site.CLUSTER);
    if (kube != null) {
      try (BenchedRack release = release(ReleaseName.parse(kube), wanted)) {
        return measure(release, wanted);
      }
    }
    if (state != null) {
      return measure(ofMachine(new StateDirectory(state)), wanted);
    }
    StateDirectory own = new StateDirectory(Files.createTempDirectory("splitrack-bench-"));
    Thread onSignal = new Thread(() -> new RackStop(own, progress).down(true), "end-rack");
    Runtime.getRuntime().addShutdownHook(onSignal);
    new RackStart(own, installation, progress).up(RACK, null);
    return measure(ofMachine(own), wanted);
  }

  private BenchedRack ofMachine(StateDirectory directory) {
    return BenchedRack.ofMachine(directory, examples(), progress::say);
  }

  /** One that is only to be installed need not be there. */
  private BenchedRack release(ReleaseName name, List<Benchmark> wanted) {
    return wanted.stream().anyMatch(Benchmark::usesTheRack)
        ? BenchedRack.ofCluster(KubeAccess.connect(name, progress), examples(), progress::say)
        : BenchedRack.none(examples(), progress::say);
  }

  private Path examples() {
    return installation.home().resolve("examples");
  }

  private int measure(BenchedRack benched, List<Benchmark> wanted)
      throws IOException, InterruptedException {
    List<BenchRow> rows = new ArrayList<>();
    List<String> failed = new ArrayList<>();
    for (Benchmark benchmark : wanted) {
      progress.say("bench: " + benchmark.name());
      try {
        Optional<String> lacking = benchmark.lacks(benched);
        if (lacking.isEmpty()) {
          rows.addAll(benchmark.measure(benched));
        } else {
          progress.say("bench: %s is left out: %s".formatted(benchmark.name(), lacking.get()));
          if (names.contains(benchmark.name())) {
            failed.add(benchmark.name());
          }
        }
      } catch (IOException | RuntimeException e) {
        progress.say("bench: " + benchmark.name() + " failed: " + e);
        failed.add(benchmark.name());
      }
    }
    new ListingWriter(format, out).write(listing(rows));
    List<String> broken = rows.stream().filter(row -> !row.holds()).map(BenchRow::name).toList();
    if (!broken.isEmpty()) {
      progress.say("does not hold: " + String.join(", ", broken));
    }
    if (!failed.isEmpty()) {
      progress.say("not measured: " + String.join(", ", failed));
      return ExitCode.FAILED;
    }
    return check && !broken.isEmpty() ? ExitCode.FAILED : ExitCode.DONE;
  }

  private List<Benchmark> wanted(Site site) {
    List<Benchmark> all =
        all().stream().filter(benchmark -> benchmark.sites().contains(site)).toList();
    for (String name : names) {
      if (all.stream().noneMatch(benchmark -> benchmark.name().equals(name))) {
        throw RackFailure.of(
            ExitCode.USAGE,
            "there is no benchmark '%s': choose from %s"
                .formatted(name, String.join(", ", all.stream().map(Benchmark::name).toList())));
      }
    }
    return names.isEmpty()
        ? all
        : all.stream().filter(benchmark -> names.contains(benchmark.name())).toList();
  }

  private List<Benchmark> all() {
    List<Benchmark> all = new ArrayList<>(onAnyRack());
    if (kube != null) {
      all.addFirst(new InstallBench(installation.home(), ReleaseName.parse(kube)));
    }
    return all;
  }

  private List<Benchmark> onAnyRack() {
    return List.of(
        new CalibrationBench(),
        new MissBench(),
        new PodMissBench(),
        ResidentBench.ofAccesses(),
        ResidentBench.ofPrograms(),
        new StreamBench(),
        new ReplicationBench(),
        new MigrationBench(),
        new FailoverBench(),
        new PowerOffBench(),
        new PhoenixBench(),
        new ThreadsBench(),
        new UpBench(installation.home().resolve("rack")),
        new UsageBench());
  }

  private static Listing listing(List<BenchRow> rows) {
    List<String> columns =
        List.of(
            "name",
            "unit",
            "value",
            "baseline",
            "baseline_name",
            "ratio",
            "bound",
            "better",
            "holds",
            "samples",
            "spread",
            "emulated");
    List<List<@Nullable Object>> cells = new ArrayList<>();
    for (BenchRow row : rows) {
      List<@Nullable Object> line = new ArrayList<>();
      line.add(row.name());
      line.add(row.unit());
      line.add(rounded(row.value()));
      line.add(row.baseline() == null ? null : rounded(row.baseline()));
      line.add(row.baselineName());
      line.add(row.ratio() == null ? null : rounded(row.ratio()));
      line.add(row.bound());
      line.add(row.better());
      line.add(row.holds());
      line.add(row.samples());
      line.add(rounded(row.spread()));
      line.add(row.emulated());
      cells.add(line);
    }
    return new Listing(columns, cells);
  }

  /** Four significant digits are more than any of this is worth. */
  private static double rounded(double value) {
    return Double.isFinite(value)
        ? new java.math.BigDecimal(value).round(new java.math.MathContext(4)).doubleValue()
        : value;
  }
}
