package org.splitrack.cli.internal.command;

import org.splitrack.cli.internal.access.RackFaults;
import org.splitrack.fabric.ComponentId;
import picocli.CommandLine.Command;

@Command(
    name = "restart",
    description = "End a component in an orderly way and start it again, with empty memory.")
final class RestartCommand extends FaultCommand {
  RestartCommand(Context context) {
    super(context);
  }

  @Override
  void act(RackFaults faults, ComponentId component) {
    faults.restart(component);
  }
}
