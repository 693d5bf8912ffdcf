package org.splitrack.cli.internal.command;

import java.time.Duration;
import java.util.concurrent.Callable;
import org.splitrack.cli.internal.ExitCode;
import org.splitrack.cli.internal.RackFailure;
import org.splitrack.cli.internal.manager.ManagerClient;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
    name = "sync",
    description = "Return when the tables show everything that happened before.")
final class SyncCommand implements Callable<Integer> {
  private static final Duration AT_A_TIME = Duration.ofSeconds(5);

  private final Context context;

  @Option(
      names = "--timeout",
      paramLabel = "T",
      defaultValue = "30s",
      converter = DurationText.class,
      description = "give up after this time (default: ${DEFAULT-VALUE})")
  private Duration timeout = Duration.ofSeconds(30);

  SyncCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() {
    ManagerClient manager = context.manager();
    long endNs = System.nanoTime() + timeout.toNanos();
    while (!manager.sync(AT_A_TIME)) {
      if (System.nanoTime() - endNs > 0) {
        throw RackFailure.failed(
            "the tables are still behind after %d s: look at the logs of table-service-0 and kafka-0"
                .formatted(timeout.toSeconds()));
      }
    }
    return ExitCode.DONE;
  }
}
