package org.splitrack.cli.internal.command;

import java.time.Duration;
import java.util.concurrent.Callable;
import org.splitrack.cli.internal.ExitCode;
import org.splitrack.cli.internal.RackFailure;
import org.splitrack.cli.internal.manager.ManagerClient;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command(name = "stop", description = "End a process; returns when it has ended.")
final class StopCommand implements Callable<Integer> {
  private static final Duration PATIENCE = Duration.ofSeconds(15);

  private final Context context;

  @Parameters(paramLabel = "P", description = "number of the process")
  private long process;

  StopCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() {
    ManagerClient manager = context.manager();
    manager.stop(process);
    if (manager.awaitEnd(process, PATIENCE) == null) {
      throw RackFailure.failed(
          "process %d has not ended after %d s: look at its pComponent's log"
              .formatted(process, PATIENCE.toSeconds()));
    }
    return ExitCode.DONE;
  }
}
