package org.splitrack.cli.internal.command;

import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.splitrack.cli.internal.ExitCode;
import org.splitrack.fabric.ComponentId;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command(name = "resume", description = "Wake a component that was paused.")
final class ResumeCommand implements Callable<Integer> {
  private final Context context;

  @Parameters(
      paramLabel = "C",
      converter = ComponentName.class,
      description = "a component such as mcomponent-1")
  private @Nullable ComponentId component;

  ResumeCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() {
    context.faults().resume(java.util.Objects.requireNonNull(component));
    return ExitCode.DONE;
  }
}
