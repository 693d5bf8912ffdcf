package org.splitrack.cli.internal.command;

import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.splitrack.cli.internal.ExitCode;
import org.splitrack.cli.internal.machine.Installation;
import org.splitrack.cli.internal.machine.LinkSecurity;
import org.splitrack.cli.internal.machine.RackStart;
import org.splitrack.cli.internal.machine.WantedCounts;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
    name = "up",
    description = {
      "Start a rack on this machine, each component a process of its own.",
      "Returns when all are ready. Harmless when the rack is up; starts again what has died."
    })
final class UpCommand implements Callable<Integer> {
  private final Context context;

  @Option(names = "--processors", paramLabel = "N", description = "pComponents (default: 2)")
  private @Nullable Integer processors;

  @Option(names = "--memories", paramLabel = "N", description = "mComponents (default: 3)")
  private @Nullable Integer memories;

  @Option(names = "--storages", paramLabel = "N", description = "sComponents (default: 2)")
  private @Nullable Integer storages;

  @Option(
      names = "--managers",
      paramLabel = "N",
      description = "global managers (1 in this version)")
  private @Nullable Integer managers;

  @Option(
      names = "--memory-limit",
      paramLabel = "BYTES",
      converter = BytesText.class,
      description = "memory of each mComponent (default: 1 GiB)")
  private @Nullable Long memoryLimit;

  @Option(
      names = "--transport",
      paramLabel = "plain|mtls",
      converter = LinkSecurity.Reader.class,
      description = "how components speak with one another (default: plain)")
  private @Nullable LinkSecurity transport;

  UpCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() {
    WantedCounts wanted =
        new WantedCounts(processors, memories, storages, managers, memoryLimit).checked();
    new RackStart(context.state(), Installation.current(), context.progress).up(wanted, transport);
    return ExitCode.DONE;
  }
}
