package org.splitrack.cli.internal.command;

import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.splitrack.cli.internal.ExitCode;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

@Command(
    name = "regions",
    description = "List the regions of running programs and where they lie (from the tables).")
final class RegionsCommand implements Callable<Integer> {
  private static final List<String> IN_TABLE =
      List.of(
          "region", "process", "index", "home", "epoch", "mode", "pages", "copies", "protection");

  private final Context context;

  @Parameters(arity = "0..1", paramLabel = "P", description = "only those of this process")
  private @Nullable Long process;

  @Mixin private final OutputOption output = new OutputOption();

  RegionsCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() {
    context.list(
        output.format,
        IN_TABLE,
        "SELECT * FROM api.regions WHERE process = coalesce(?::bigint, process) ORDER BY process, index",
        process);
    return ExitCode.DONE;
  }
}
