package org.splitrack.cli.internal.command;

import java.time.Duration;
import java.util.concurrent.Callable;
import org.splitrack.cli.internal.ExitCode;
import org.splitrack.cli.internal.manager.ManagerClient;
import org.splitrack.cli.internal.manager.ProcessOutput;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(
    name = "logs",
    description = "Print what a process has written; the newest part when it was much.")
final class LogsCommand implements Callable<Integer> {
  private static final Duration AT_A_TIME = Duration.ofSeconds(5);

  private final Context context;

  @Parameters(paramLabel = "P", description = "number of the process")
  private long process;

  @Option(
      names = {"-f", "--follow"},
      description = "go on until it has ended")
  private boolean follow;

  LogsCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() {
    ManagerClient manager = context.manager();
    long offset = 0;
    while (!context.out.checkError()) {
      ProcessOutput output = manager.output(process, offset, follow ? AT_A_TIME : Duration.ZERO);
      context.out.write(output.bytes(), 0, output.bytes().length);
      context.out.flush();
      offset = output.nextOffset();
      boolean nothingNow = output.bytes().length == 0;
      if (nothingNow && (output.ended() || !follow)) {
        return ExitCode.DONE;
      }
    }
    return ExitCode.DONE;
  }
}
