package org.splitrack.cli.internal.command;

import java.time.Duration;
import java.util.concurrent.Callable;
import org.splitrack.cli.internal.ExitCode;
import org.splitrack.cli.internal.RackFailure;
import org.splitrack.cli.internal.manager.ManagerClient;
import org.splitrack.cli.internal.manager.ManagerClient.Protection;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
    name = "protected",
    description = {
      "Ends with 0 when the next single kill of a component loses no memory of a running program,",
      "else with 1 and the reason."
    })
final class ProtectedCommand implements Callable<Integer> {
  private static final long POLL_MS = 50;

  private final Context context;

  @Option(names = "--wait", description = "wait until that is so")
  private boolean wait;

  @Option(
      names = "--timeout",
      paramLabel = "T",
      defaultValue = "60s",
      converter = DurationText.class,
      description = "with --wait: how long at most (default: ${DEFAULT-VALUE})")
  private Duration timeout = Duration.ofSeconds(60);

  ProtectedCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() throws InterruptedException {
    ManagerClient manager = context.manager();
    long endNs = System.nanoTime() + timeout.toNanos();
    Protection protection = manager.protection();
    while (wait && !protection.holds() && System.nanoTime() - endNs < 0) {
      Thread.sleep(POLL_MS);
      protection = manager.protection();
    }
    if (!protection.holds()) {
      throw RackFailure.failed("not protected: " + protection.reason());
    }
    return ExitCode.DONE;
  }
}
