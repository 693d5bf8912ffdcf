package org.splitrack.cli.internal.command;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.splitrack.cli.internal.access.RackFaults;
import org.splitrack.fabric.ComponentId;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
    name = "kill",
    description = "Kill a component (SIGKILL). It stays dead until it is started.")
final class KillCommand extends FaultCommand {
  @Option(
      names = "--restart-after",
      paramLabel = "5s",
      converter = DurationText.class,
      description = "start it again after this time; returns when it is ready")
  private @Nullable Duration restartAfter;

  KillCommand(Context context) {
    super(context);
  }

  @Override
  void act(RackFaults faults, ComponentId component) throws InterruptedException {
    faults.kill(component);
    if (restartAfter != null) {
      Thread.sleep(restartAfter);
      faults.start(component);
    }
  }
}
