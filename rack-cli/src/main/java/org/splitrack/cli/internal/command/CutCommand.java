package org.splitrack.cli.internal.command;

import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.splitrack.cli.internal.ExitCode;
import org.splitrack.fabric.ComponentId;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command(
    name = "cut",
    description =
        "Cut the network between two components, or between one and all others. Nobody is told.")
final class CutCommand implements Callable<Integer> {
  private final Context context;

  @Parameters(
      index = "0",
      paramLabel = "A",
      converter = ComponentName.class,
      description = "a component such as mcomponent-1")
  private @Nullable ComponentId one;

  @Parameters(
      index = "1",
      arity = "0..1",
      paramLabel = "B",
      converter = ComponentName.class,
      description = "another one (default: all others)")
  private @Nullable ComponentId other;

  CutCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() {
    context.faults().cut(Objects.requireNonNull(one), other);
    return ExitCode.DONE;
  }
}
