package org.splitrack.cli.internal.command;

import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.splitrack.cli.internal.ExitCode;
import org.splitrack.cli.internal.access.RackFaults;
import org.splitrack.fabric.ComponentId;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "kill",
    description = "Kill a component (SIGKILL). It stays dead until it is started.")
final class KillCommand implements Callable<Integer> {
  private final Context context;

  @Parameters(
      paramLabel = "C",
      converter = ComponentName.class,
      description = "a component such as mcomponent-1, postgres-0 and kafka-0 too")
  private @Nullable ComponentId component;

  @Option(
      names = "--restart-after",
      paramLabel = "5s",
      converter = DurationText.class,
      description = "start it again after this time; returns when it is ready")
  private @Nullable Duration restartAfter;

  KillCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() throws InterruptedException {
    ComponentId victim = Objects.requireNonNull(component);
    RackFaults faults = context.faults();
    faults.kill(victim);
    if (restartAfter != null) {
      Thread.sleep(restartAfter);
      faults.start(victim);
    }
    return ExitCode.DONE;
  }
}
