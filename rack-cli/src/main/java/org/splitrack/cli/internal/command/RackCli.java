package org.splitrack.cli.internal.command;

import java.io.PrintStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import org.splitrack.cli.internal.ExitCode;
import org.splitrack.cli.internal.Progress;
import org.splitrack.cli.internal.RackFailure;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.UsageMessageSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.UnmatchedArgumentException;

/** The command line: results on standard output, all else on standard error, one exit code. */
@Command(
    name = "rack",
    mixinStandardHelpOptions = true,
    version = "splitrack 0.1.0",
    synopsisSubcommandLabel = "COMMAND",
    description = {
      "Splitrack: a rack of disaggregated hardware that runs real programs. Their memory lies in",
      "mComponents, their files in sComponents, and a pComponent keeps only a cache.",
      ""
    },
    footer = {
      "",
      "Begin with:  rack demo        the main job on a fresh rack, start to end",
      "Or:          rack up          then  rack run examples/word_count.wasm /text",
      "Tests:       rack test        all of them; says what it left out",
      "Figures:     rack bench       each a ratio to a baseline of the same run; bench --help",
      "Simulation:  rack simulate    --seeds N: the memory protocol under faults, on a virtual clock",
      "Images:      rack images      for Kubernetes; see helm/splitrack and docs/kubernetes.md",
      "rack COMMAND --help explains one of them."
    })
public final class RackCli implements Runnable {
  @Spec private CommandSpec spec = CommandSpec.create();

  private RackCli() {}

  /** Runs one command; its exit code. */
  public static int run(String... arguments) {
    return run(
        new PrintStream(
            new java.io.FileOutputStream(java.io.FileDescriptor.out),
            false,
            StandardCharsets.UTF_8),
        new PrintStream(
            new java.io.FileOutputStream(java.io.FileDescriptor.err), true, StandardCharsets.UTF_8),
        arguments);
  }

  static int run(PrintStream out, PrintStream error, String... arguments) {
    Progress progress = new Progress(error);
    Context context = new Context(out, progress);
    CommandLine line = new CommandLine(new RackCli()).addMixin("context", context);
    for (Object command : commands(context)) {
      line.addSubcommand(command);
    }
    // What follows a program is the program's.
    line.addSubcommand(new CommandLine(new RunCommand(context)).setStopAtPositional(true));
    line.addSubcommand(new CommandLine.HelpCommand());
    withHelp(line);
    line.setOut(new PrintWriter(out, true, StandardCharsets.UTF_8))
        .setErr(new PrintWriter(error, true, StandardCharsets.UTF_8))
        .setUsageHelpWidth(100)
        .setParameterExceptionHandler((e, _) -> wrongUsage(e, progress))
        .setExecutionExceptionHandler((e, _, _) -> failed(e, progress));
    int exitCode = line.execute(arguments);
    context.close();
    out.flush();
    return exitCode;
  }

  private static void withHelp(CommandLine line) {
    for (CommandLine command : line.getSubcommands().values()) {
      command.getCommandSpec().mixinStandardHelpOptions(true);
      beginWithOneSentence(command.getCommandSpec().usageMessage());
      withHelp(command);
    }
  }

  /**
   * The first sentence stands in the list of commands, and before the rest in the command's help.
   */
  private static void beginWithOneSentence(UsageMessageSpec usage) {
    String text = String.join(" ", usage.description()).strip();
    int end = text.indexOf(". ");
    if (end > 0 && usage.header().length == 0) {
      usage.header(text.substring(0, end + 1));
      usage.description(text.substring(end + 2), "");
    } else if (usage.header().length == 0) {
      usage.header(text);
      usage.description();
    }
  }

  private static Object[] commands(Context context) {
    return new Object[] {
      new CommandLine(new DemoCommand(context)).addSubcommand(new DemoFailoverCommand(context)),
      new UpCommand(context),
      new DownCommand(context),
      new PsCommand(context),
      new WaitCommand(context),
      new LogsCommand(context),
      new StopCommand(context),
      new SetCommand(context),
      new PutCommand(context),
      new GetCommand(context),
      new LsCommand(context),
      new RmCommand(context),
      new ComponentsCommand(context),
      new RegionsCommand(context),
      new MigrationsCommand(context),
      new EventsCommand(context),
      new MapCommand(context),
      new KillCommand(context),
      new StartCommand(context),
      new RestartCommand(context),
      new PauseCommand(context),
      new ResumeCommand(context),
      new CutCommand(context),
      new HealCommand(context),
      new ProtectedCommand(context),
      new MigrateCommand(context),
      new AbortCommand(context),
      new DrainCommand(context),
      new ScaleCommand(context),
      new SqlCommand(context),
      new UrlCommand(context),
      new SyncCommand(context),
    };
  }

  /** Without a command: what there is. */
  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "which command?");
  }

  private static int wrongUsage(ParameterException e, Progress progress) {
    CommandSpec command = e.getCommandLine().getCommandSpec();
    if (command.parent() == null && e instanceof UnmatchedArgumentException unmatched) {
      progress.say(
          "there is no command '%s' (see rack --help)"
              .formatted(unmatched.getUnmatched().getFirst()));
      return ExitCode.USAGE;
    }
    progress.say("%s (see %s --help)".formatted(RackFailure.reason(e), command.qualifiedName()));
    return ExitCode.USAGE;
  }

  private static int failed(Exception e, Progress progress) throws Exception {
    if (e instanceof RackFailure failure) {
      progress.say(RackFailure.reason(failure));
      return failure.exitCode();
    }
    throw e;
  }
}
