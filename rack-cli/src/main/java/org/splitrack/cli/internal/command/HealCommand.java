package org.splitrack.cli.internal.command;

import org.jspecify.annotations.Nullable;
import org.splitrack.cli.internal.access.RackFaults;
import org.splitrack.fabric.ComponentId;
import picocli.CommandLine.Command;

@Command(
    name = "heal",
    description = "Heal what was cut; what was held back meanwhile arrives late.")
final class HealCommand extends LinkCommand {
  HealCommand(Context context) {
    super(context);
  }

  @Override
  void act(RackFaults faults, ComponentId one, @Nullable ComponentId other) {
    faults.heal(one, other);
  }
}
