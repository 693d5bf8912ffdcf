package org.splitrack.cli.internal.command;

import org.splitrack.cli.internal.access.RackFaults;
import org.splitrack.fabric.ComponentId;
import picocli.CommandLine.Command;

@Command(
    name = "pause",
    description =
        "Freeze a component (SIGSTOP): it keeps its memory and connections, and does nothing.")
final class PauseCommand extends FaultCommand {
  PauseCommand(Context context) {
    super(context);
  }

  @Override
  void act(RackFaults faults, ComponentId component) {
    faults.pause(component);
  }
}
