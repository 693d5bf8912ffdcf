package org.splitrack.cli.internal.command;

import java.util.concurrent.Callable;
import org.splitrack.cli.internal.ExitCode;
import org.splitrack.cli.internal.RackFailure;
import org.splitrack.cli.internal.manager.ManagerClient;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

@Command(
    name = "abort",
    description = {
      "Give up a migration; returns when the region is to stay where it was.",
      "Ends with 1 when the migration came to another end before."
    })
final class AbortCommand implements Callable<Integer> {
  private final Context context;

  @Parameters(
      paramLabel = "MIGRATION",
      description = "its number, as migrate --no-wait and migrations show it")
  private long migration;

  AbortCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() throws InterruptedException {
    ManagerClient manager = context.manager();
    manager.abortMigration(migration);
    JsonNode end = MigrateCommand.awaitEnd(manager, migration, context.progress);
    context.sync(manager);
    String state = end.path("state").asString();
    if (!state.equals("aborted")) {
      throw RackFailure.failed(
          "migration %d of region %d is %s and not aborted"
              .formatted(migration, end.path("region").asLong(), state));
    }
    return ExitCode.DONE;
  }
}
