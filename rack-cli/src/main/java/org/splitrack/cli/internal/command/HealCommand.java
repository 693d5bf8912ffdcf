package org.splitrack.cli.internal.command;

import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.splitrack.cli.internal.ExitCode;
import org.splitrack.fabric.ComponentId;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command(
    name = "heal",
    description = "Heal what was cut; what was held back meanwhile arrives late.")
final class HealCommand implements Callable<Integer> {
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

  HealCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() {
    context.faults().heal(Objects.requireNonNull(one), other);
    return ExitCode.DONE;
  }
}
