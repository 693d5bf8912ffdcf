package org.splitrack.cli.internal.command;

import java.time.Duration;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.splitrack.cli.internal.manager.ManagerClient;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;
import tools.jackson.databind.JsonNode;

@Command(name = "wait", description = "Return when a process has ended, with its exit code.")
final class WaitCommand implements Callable<Integer> {
  private static final Duration AT_A_TIME = Duration.ofSeconds(10);

  private final Context context;

  @Parameters(paramLabel = "P", description = "number of the process")
  private long process;

  WaitCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() {
    ManagerClient manager = context.manager();
    @Nullable JsonNode ended = null;
    while (ended == null) {
      ended = manager.awaitEnd(process, AT_A_TIME);
    }
    EndOfProcess end = EndOfProcess.of(ended);
    end.explain(context.progress);
    return end.exitCode();
  }
}
