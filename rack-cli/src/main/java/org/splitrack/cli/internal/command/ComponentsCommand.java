package org.splitrack.cli.internal.command;

import java.util.List;
import java.util.concurrent.Callable;
import org.splitrack.cli.internal.ExitCode;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

@Command(name = "components", description = "List the components of the rack (from the tables).")
final class ComponentsCommand implements Callable<Integer> {
  private static final List<String> IN_TABLE =
      List.of(
          "component", "role", "state", "boot_id", "node", "capacity_bytes", "used_bytes", "load");

  private final Context context;

  @Mixin private final OutputOption output = new OutputOption();

  ComponentsCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() {
    context.list(output.format, IN_TABLE, "SELECT * FROM api.components ORDER BY role, component");
    return ExitCode.DONE;
  }
}
