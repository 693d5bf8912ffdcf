package org.splitrack.cli.internal.command;

import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.splitrack.cli.internal.ExitCode;
import org.splitrack.fabric.ComponentId;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command(name = "start", description = "Start a component that has died; returns when it is ready.")
final class StartCommand implements Callable<Integer> {
  private final Context context;

  @Parameters(
      paramLabel = "C",
      converter = ComponentName.class,
      description = "a component such as mcomponent-1")
  private @Nullable ComponentId component;

  StartCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() {
    context.faults().start(java.util.Objects.requireNonNull(component));
    return ExitCode.DONE;
  }
}
