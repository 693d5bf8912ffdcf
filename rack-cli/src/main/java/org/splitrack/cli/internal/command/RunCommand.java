package org.splitrack.cli.internal.command;

import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.splitrack.cli.internal.ExitCode;
import org.splitrack.cli.internal.Json;
import org.splitrack.cli.internal.RackFailure;
import org.splitrack.cli.internal.manager.ManagerClient;
import org.splitrack.fabric.attach.ProgramOutcome;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

@Command(
    name = "run",
    description = {
      "Run a WebAssembly program (WASI preview 1) on the rack, with this command's standard streams.",
      "Ends with the program's exit code; 124 timeout, 125 the rack failed, 126 not a runnable module,",
      "130 Ctrl-C, 134 trap, 137 its pComponent died, 143 stopped."
    })
final class RunCommand implements Callable<Integer> {
  private final Context context;

  @Mixin private final RunOptions options = new RunOptions();

  @Parameters(
      index = "0",
      paramLabel = "PROGRAM",
      description = "a local .wasm file, or rack:/PATH for one of the rack's")
  private String program = "";

  @Parameters(index = "1..*", paramLabel = "ARG", description = "the program's arguments")
  private List<String> arguments = List.of();

  RunCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() {
    // The options first: a wrong one is refused whatever else there is.
    options.check();
    ManagerClient manager = context.manager();
    ProgramFile file = ProgramFile.read(program, manager, options.tenant.name());
    if (!manager.holdsProgram(file.digest())) {
      manager.putProgram(file.digest(), file.module());
    }
    ManagerClient.Started started =
        manager.start(options.spec(file.name(), file.digest(), arguments));
    if (options.detach) {
      context.out.println(started.process());
      return ExitCode.DONE;
    }
    return attach(manager, started);
  }

  private int attach(ManagerClient manager, ManagerClient.Started started) {
    // Unbuffered, and never closed: what comes after the program's output goes the same way.
    OutputStream out = new FileOutputStream(FileDescriptor.out);
    OutputStream error = new FileOutputStream(FileDescriptor.err);
    AttachedRun run =
        new AttachedRun(context, manager, started, options.timeout, options.restarts());
    int exitCode = run.toItsEnd(System.in, out, error);
    Path stats = options.stats;
    if (stats != null) {
      run.outcome().ifPresent(outcome -> write(stats, started.process(), outcome));
    }
    context.sync(manager);
    return exitCode;
  }

  private void write(Path file, long process, ProgramOutcome outcome) {
    Map<String, Object> stats = new LinkedHashMap<>();
    stats.put("process", process);
    stats.put("state", outcome.state());
    stats.put("exit_code", outcome.exitCode());
    stats.putAll(outcome.stats());
    if (file.toString().equals("-")) {
      context.out.println(Json.MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(stats));
      return;
    }
    try {
      Files.write(file, Json.MAPPER.writerWithDefaultPrettyPrinter().writeValueAsBytes(stats));
    } catch (IOException e) {
      throw RackFailure.failed(
          "cannot write the statistics to " + file + ": " + RackFailure.reason(e));
    }
  }
}
