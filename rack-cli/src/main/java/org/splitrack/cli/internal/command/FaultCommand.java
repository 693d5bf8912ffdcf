package org.splitrack.cli.internal.command;

import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.splitrack.cli.internal.ExitCode;
import org.splitrack.cli.internal.access.RackFaults;
import org.splitrack.fabric.ComponentId;
import picocli.CommandLine.Parameters;

/** A command that does something to one component. */
abstract class FaultCommand implements Callable<Integer> {
  private final Context context;

  @Parameters(
      paramLabel = "C",
      converter = ComponentName.class,
      description = "a component such as mcomponent-1, postgres-0 and kafka-0 too")
  private @Nullable ComponentId component;

  FaultCommand(Context context) {
    this.context = context;
  }

  /** Does it; returns when it is done. */
  abstract void act(RackFaults faults, ComponentId component) throws InterruptedException;

  @Override
  public final Integer call() throws InterruptedException {
    act(context.faults(), Objects.requireNonNull(component));
    return ExitCode.DONE;
  }
}
