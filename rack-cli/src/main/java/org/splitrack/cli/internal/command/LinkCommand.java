package org.splitrack.cli.internal.command;

import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.splitrack.cli.internal.ExitCode;
import org.splitrack.cli.internal.access.RackFaults;
import org.splitrack.fabric.ComponentId;
import picocli.CommandLine.Parameters;

/** A command that does something to what lies between two components. */
abstract class LinkCommand implements Callable<Integer> {
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

  LinkCommand(Context context) {
    this.context = context;
  }

  /**
   * Does it.
   *
   * @param other null: all others
   */
  abstract void act(RackFaults faults, ComponentId one, @Nullable ComponentId other);

  @Override
  public final Integer call() {
    act(context.faults(), Objects.requireNonNull(one), other);
    return ExitCode.DONE;
  }
}
