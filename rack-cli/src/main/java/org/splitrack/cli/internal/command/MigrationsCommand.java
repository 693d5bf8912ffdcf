package org.splitrack.cli.internal.command;

import java.util.List;
import java.util.concurrent.Callable;
import org.splitrack.cli.internal.ExitCode;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(name = "migrations", description = "List moves of regions (from the tables).")
final class MigrationsCommand implements Callable<Integer> {
  private static final List<String> IN_TABLE =
      List.of(
          "migration",
          "region",
          "source",
          "target",
          "state",
          "reason",
          "bytes",
          "rounds",
          "write_pause_ms",
          "started_at",
          "error");

  private final Context context;

  @Mixin private final OutputOption output = new OutputOption();

  MigrationsCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() {
    context.list(output.format, IN_TABLE, "SELECT * FROM api.migrations ORDER BY migration");
    return ExitCode.DONE;
  }
}
