package org.splitrack.cli.internal.command;

import java.util.List;
import java.util.concurrent.Callable;
import org.splitrack.cli.internal.ExitCode;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(name = "ps", description = "List the programs that run (from the tables).")
final class PsCommand implements Callable<Integer> {
  private static final List<String> IN_TABLE =
      List.of(
          "process",
          "name",
          "state",
          "exit_code",
          "component",
          "tenant",
          "wall_ms",
          "pages_touched",
          "hits",
          "misses",
          "regions",
          "started_at");

  private final Context context;

  @Option(
      names = {"-a", "--all"},
      description = "those that have ended, too")
  private boolean all;

  @Mixin private final OutputOption output = new OutputOption();

  PsCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() {
    context.list(
        output.format,
        IN_TABLE,
        "SELECT * FROM api.processes WHERE ? OR state = 'running' ORDER BY process",
        all);
    return ExitCode.DONE;
  }
}
