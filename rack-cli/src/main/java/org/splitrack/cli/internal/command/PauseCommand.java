package org.splitrack.cli.internal.command;

import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.splitrack.cli.internal.ExitCode;
import org.splitrack.fabric.ComponentId;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command(
    name = "pause",
    description =
        "Freeze a component (SIGSTOP): it keeps its memory and connections, and does nothing.")
final class PauseCommand implements Callable<Integer> {
  private final Context context;

  @Parameters(
      paramLabel = "C",
      converter = ComponentName.class,
      description = "a component such as mcomponent-1")
  private @Nullable ComponentId component;

  PauseCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() {
    context.faults().pause(java.util.Objects.requireNonNull(component));
    return ExitCode.DONE;
  }
}
