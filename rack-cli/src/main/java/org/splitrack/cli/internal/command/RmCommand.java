package org.splitrack.cli.internal.command;

import java.util.List;
import java.util.concurrent.Callable;
import org.splitrack.cli.internal.ExitCode;
import org.splitrack.cli.internal.manager.ManagerClient;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

@Command(name = "rm", description = "Delete files and empty directories of the rack.")
final class RmCommand implements Callable<Integer> {
  private final Context context;

  @Parameters(arity = "1..*", paramLabel = "/PATH", description = "their paths")
  private List<String> paths = List.of();

  @Mixin private final TenantOption tenant = new TenantOption();

  RmCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() {
    List<String> targets = paths.stream().map(RackPath::of).toList();
    ManagerClient manager = context.manager();
    targets.forEach(path -> manager.delete(tenant.name(), path));
    context.sync(manager);
    return ExitCode.DONE;
  }
}
