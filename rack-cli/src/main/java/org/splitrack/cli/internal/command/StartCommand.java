package org.splitrack.cli.internal.command;

import org.splitrack.cli.internal.access.RackFaults;
import org.splitrack.fabric.ComponentId;
import picocli.CommandLine.Command;

@Command(name = "start", description = "Start a component that has died; returns when it is ready.")
final class StartCommand extends FaultCommand {
  StartCommand(Context context) {
    super(context);
  }

  @Override
  void act(RackFaults faults, ComponentId component) {
    faults.start(component);
  }
}
