package org.splitrack.cli.internal.command;

import org.splitrack.cli.internal.access.RackFaults;
import org.splitrack.fabric.ComponentId;
import picocli.CommandLine.Command;

@Command(name = "resume", description = "Wake a component that was paused.")
final class ResumeCommand extends FaultCommand {
  ResumeCommand(Context context) {
    super(context);
  }

  @Override
  void act(RackFaults faults, ComponentId component) {
    faults.resume(component);
  }
}
