package org.splitrack.cli.internal.command;

import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.splitrack.cli.internal.ExitCode;
import org.splitrack.cli.internal.manager.ManagerClient;
import org.splitrack.fabric.ComponentId;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "drain",
    description = {
      "Empty a component while programs run; returns when nothing is left on it.",
      "The regions of an mComponent go elsewhere, the programs of a pComponent run to their ends;",
      "nothing new is placed on it until it has started again, or --undo."
    })
final class DrainCommand implements Callable<Integer> {
  private final Context context;

  @Parameters(
      paramLabel = "C",
      converter = ComponentName.class,
      description = "an mComponent or a pComponent")
  private @Nullable ComponentId component;

  @Option(names = "--undo", description = "place something on it again")
  private boolean undo;

  @Option(names = "--no-wait", description = "begin, print the component's name and return")
  private boolean noWait;

  DrainCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() throws InterruptedException {
    ManagerClient manager = context.manager();
    ComponentId drained = Objects.requireNonNull(component);
    if (undo) {
      manager.undrain(drained);
    } else {
      manager.drain(drained);
      if (noWait) {
        context.out.println(drained);
        return ExitCode.DONE;
      }
      Emptied.await(context, manager, drained);
    }
    context.sync(manager);
    return ExitCode.DONE;
  }
}
