package org.splitrack.cli.internal.command;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.splitrack.cli.internal.ExitCode;
import org.splitrack.cli.internal.RackFailure;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

@Command(name = "set", description = "Change a running process: rack set 7 cache=25%%")
final class SetCommand implements Callable<Integer> {
  private final Context context;

  @Parameters(index = "0", paramLabel = "P", description = "number of the process")
  private long process;

  @Parameters(
      index = "1..*",
      arity = "1..*",
      paramLabel = "KEY=VALUE",
      description = "cache=25%% or cache=BYTES")
  private List<String> settings = List.of();

  SetCommand(Context context) {
    this.context = context;
  }

  @Override
  public Integer call() {
    Map<String, String> values = new LinkedHashMap<>();
    for (String setting : settings) {
      int equals = setting.indexOf('=');
      if (equals < 1) {
        throw RackFailure.usage("'" + setting + "' is not KEY=VALUE such as cache=25%");
      }
      String key = setting.substring(0, equals);
      if (!key.equals("cache")) {
        throw RackFailure.usage("'" + key + "' cannot be set: only cache can");
      }
      values.put(key, RunOptions.cache(setting.substring(equals + 1)));
    }
    context.manager().set(process, values);
    return ExitCode.DONE;
  }
}
