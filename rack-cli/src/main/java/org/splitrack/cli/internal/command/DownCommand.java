package org.splitrack.cli.internal.command;

import java.util.concurrent.Callable;
import org.splitrack.cli.internal.ExitCode;
import org.splitrack.cli.internal.machine.RackStop;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
    name = "down",
    description = {
      "End every process of the rack. Files, tables and Kafka's log are there at the next up;",
      "programs that ran are lost."
    })
final class DownCommand implements Callable<Integer> {
  private final Context context;

  @Option(
      names = "--purge",
      description = "delete the state directory too, with all files and tables")
  private boolean purge;

  DownCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() {
    new RackStop(context.state(), context.progress).down(purge);
    return ExitCode.DONE;
  }
}
