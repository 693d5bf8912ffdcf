package org.splitrack.cli.internal.command;

import org.jspecify.annotations.Nullable;
import org.splitrack.cli.internal.access.RackFaults;
import org.splitrack.fabric.ComponentId;
import picocli.CommandLine.Command;

@Command(
    name = "cut",
    description =
        "Cut the network between two components, or between one and all others. Nobody is told.")
final class CutCommand extends LinkCommand {
  CutCommand(Context context) {
    super(context);
  }

  @Override
  void act(RackFaults faults, ComponentId one, @Nullable ComponentId other) {
    faults.cut(one, other);
  }
}
