package org.splitrack.cli.internal.command;

import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.splitrack.cli.internal.ExitCode;
import org.splitrack.cli.internal.RackFailure;
import org.splitrack.cli.internal.manager.ManagerClient;
import org.splitrack.cli.internal.manager.ManagerClient.Emptying;
import org.splitrack.fabric.ComponentId;
import org.splitrack.fabric.Role;
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
  private static final long POLL_MS = 50;

  /** A component may be suspect for a moment under full load. */
  private static final Set<String> GOES_ON = Set.of("draining", "suspect");

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
      Emptying now = manager.drain(drained);
      if (noWait) {
        context.out.println(drained);
        return ExitCode.DONE;
      }
      awaitEmpty(manager, drained, now);
    }
    context.sync(manager);
    return ExitCode.DONE;
  }

  private void awaitEmpty(ManagerClient manager, ComponentId drained, Emptying begun)
      throws InterruptedException {
    String what = drained.role() == Role.MCOMPONENT ? "copies of regions" : "programs";
    int shown = -1;
    Emptying now = begun;
    while (now.remaining() > 0) {
      if (now.remaining() != shown) {
        shown = now.remaining();
        context.progress.say(drained + ": " + shown + " " + what + " are left");
      }
      Thread.sleep(POLL_MS);
      now = manager.emptying(drained);
      if (!GOES_ON.contains(now.state())) {
        throw RackFailure.failed(
            "%s is %s now and no longer being emptied; %d %s are left"
                .formatted(drained, now.state(), now.remaining(), what));
      }
    }
  }
}
